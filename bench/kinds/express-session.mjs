// express-session on bare node:http, with one of its stores.
import session from 'express-session'
import { act, answer } from '../scenarios.mjs'

const options = { secret: 'keyboard cat', resave: false, saveUninitialized: false }

export function expressSession(store) {
  const sessions = session({ ...options, store })
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, sessionOf(req))))
}

const sessionOf = (req) => ({
  get: (key) => req.session[key],
  set: (key, value) => void (req.session[key] = value),
  destroy: () => new Promise((done) => req.session.destroy(done)),
})
