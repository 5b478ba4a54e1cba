// The least that a session in memory can be, by hand: a cookie, a Map of JSON texts. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memory'

export function listener() {
  const texts = new Map()
  return (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data = id === undefined ? undefined : JSON.parse(texts.get(id) ?? '{}')
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
      texts.set(id, JSON.stringify(data))
    }
    answer(res, body)
  }
}
