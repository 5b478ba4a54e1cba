// The session is in the cookie, encrypted: nothing is stored, and no session can be ended.
import { getIronSession } from 'iron-session'
import { act, answer } from '../scenarios.mjs'

export const backend = 'cookie'

export function listener() {
  const options = {
    cookieName: 'sid',
    password: 'a keyboard cat of at least 32 characters',
    cookieOptions: { secure: false },
  }
  return async (req, res) => {
    const session = await getIronSession(req, res, options)
    let changed = false
    const body = await act(req.url, {
      get: (key) => session[key],
      set: (key, value) => {
        session[key] = value
        changed = true
      },
      destroy: () => session.destroy(),
    })
    if (changed) await session.save()
    answer(res, body)
  }
}
