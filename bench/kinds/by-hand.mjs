// The least that a session can be, by hand, on bare node:http: a cookie, one command to read, JSON, one to write. It
// loses parallel changes, and brings back what was ended.
import { randomBytes } from 'node:crypto'
import { act, answer } from '../scenarios.mjs'

/**
 * @param {object} store
 * @param {(id: string) => any} store.load the JSON text, or nothing
 * @param {(id: string, text: string) => any} store.create
 * @param {(id: string, text: string) => any} [store.update] where it is another command
 * @param {(id: string) => any} store.remove
 */
export function byHand({ load, create, update = create, remove }) {
  return async (req, res) => {
    const { cookie } = req.headers
    const known = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    const text = known === undefined ? undefined : await load(known)
    let data = text && JSON.parse(text)
    let changed = false
    const acting = act(req.url, {
      get: (key) => data?.[key],
      set: (key, value) => {
        data ??= {}
        data[key] = value
        changed = true
      },
      destroy: () => remove(known),
    })
    const body = typeof acting === 'string' ? acting : await acting
    if (changed && known !== undefined) await update(known, JSON.stringify(data))
    else if (changed) {
      const id = randomBytes(24).toString('base64url')
      res.setHeader('Set-Cookie', `sid=${id}; Path=/; HttpOnly; SameSite=Lax`)
      await create(id, JSON.stringify(data))
    }
    answer(res, body)
  }
}
