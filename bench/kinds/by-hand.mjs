// The least that a session can be, by hand: a cookie, one command to read, JSON, one to write. It loses parallel changes, and
// brings back what was ended.
import { randomBytes } from 'node:crypto'
import { act, answer } from '../scenarios.mjs'

/**
 * What a request's session is, over a store.
 * @param {object} store
 * @param {(id: string) => any} store.load the JSON text, or nothing
 * @param {(id: string, text: string) => any} store.create
 * @param {(id: string, text: string) => any} [store.update] where it is another command
 * @param {(id: string) => any} store.remove
 */
export function visitsByHand({ load, create, update = create, remove }) {
  /** @param {string | undefined} cookie as it came */
  return async function visit(cookie) {
    const known = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    const text = known === undefined ? undefined : await load(known)
    let data = text && JSON.parse(text)
    let isChanged = false
    return {
      get: (key) => data?.[key],
      set: (key, value) => {
        data ??= {}
        data[key] = value
        isChanged = true
      },
      destroy: () => remove(known),
      /** Waited for where it gives a promise. @param {(cookie: string) => void} setCookie of a session that begins */
      save: (setCookie) => {
        if (!isChanged) return undefined
        if (known !== undefined) return update(known, JSON.stringify(data))
        const id = randomBytes(24).toString('base64url')
        setCookie(`sid=${id}; Path=/; HttpOnly; SameSite=Lax`)
        return create(id, JSON.stringify(data))
      },
    }
  }
}

/** On bare node:http. @param {Parameters<typeof visitsByHand>[0]} store */
export function byHand(store) {
  const visit = visitsByHand(store)
  return async (req, res) => {
    const session = await visit(req.headers.cookie)
    const acting = act(req.url, session)
    const body = typeof acting === 'string' ? acting : await acting
    const saving = session.save((cookie) => res.setHeader('Set-Cookie', cookie))
    if (saving) await saving
    answer(res, body)
  }
}
