// The least that a session in memcached can be, by hand: get and set of memjs. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { Client } from 'memjs'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memcache'
export const service = 'memcached'

export function listener() {
  const client = Client.create(new URL(process.env.MEMCACHED_URL).host)
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data = id === undefined ? undefined : JSON.parse((await client.get(id)).value)
    let changed = false
    const body = act(req.url, {
      get: (key) => data?.[key],
      set: (key, value) => {
        data ??= {}
        data[key] = value
        changed = true
      },
    })
    if (changed) {
      if (id === undefined)
        res.setHeader(
          'Set-Cookie',
          `sid=${(id = randomBytes(24).toString('base64url'))}; Path=/; HttpOnly; SameSite=Lax`,
        )
      await client.set(id, JSON.stringify(data), { expires: 3600 })
    }
    answer(res, body)
  }
}
