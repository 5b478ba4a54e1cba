import session from 'express-session'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memory'

export function listener() {
  const sessions = session({ secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      const body = act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) })
      answer(res, body)
    })
}
