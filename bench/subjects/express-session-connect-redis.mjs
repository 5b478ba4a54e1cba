import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { createClient } from 'redis'
import { act, answer } from '../scenarios.mjs'

export const backend = 'redis'
export const service = 'redis'

export async function listener() {
  const client = await createClient({ url: process.env.REDIS_URL }).connect()
  const store = new RedisStore({ client })
  const sessions = session({ store, secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      answer(res, act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) }))
    })
}
