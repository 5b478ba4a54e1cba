// The session is in the cookie, signed: nothing is stored, and no session can be ended.
import cookieSession from 'cookie-session'
import { act, answer } from '../scenarios.mjs'

export const backend = 'cookie'

export function listener() {
  const sessions = cookieSession({ name: 'sid', keys: ['keyboard cat'] })
  return (req, res) =>
    sessions(req, res, () => {
      const session = {
        get: (key) => req.session[key],
        set: (key, value) => void (req.session[key] = value),
        destroy: () => void (req.session = null),
      }
      answer(res, act(req.url, session))
    })
}
