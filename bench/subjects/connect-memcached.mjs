import connectMemcached from 'connect-memcached'
import session from 'express-session'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memcache'
export const service = 'memcached'

export function listener() {
  const store = new (connectMemcached(session))({ hosts: [new URL(process.env.MEMCACHED_URL).host] })
  const sessions = session({ store, secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      const body = act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) })
      answer(res, body)
    })
}
