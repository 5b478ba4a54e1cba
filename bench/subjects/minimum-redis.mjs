// The least that a session in Redis can be, by hand: GET and EXPIRE, sent together, and SET. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { act, answer } from '../scenarios.mjs'

export const backend = 'redis'
export const service = 'redis'

export function listener() {
  const redis = new Redis(process.env.REDIS_URL)
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data
    if (id !== undefined) {
      const [text] = await Promise.all([redis.get(id), redis.expire(id, 3600)])
      data = JSON.parse(text)
    }
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
      await redis.set(id, JSON.stringify(data), 'EX', 3600)
    }
    answer(res, body)
  }
}
