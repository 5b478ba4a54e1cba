/**
 * What one request of express-session's holds of a session. It is given whole objects and gives whole objects back; what it
 * changed is found by comparing the two, key by key. So requests at once keep each other's changes, and a session that was
 * ended meanwhile is not brought back.
 * @module
 */
import type { Manager } from '@sess/core'
import type { StoredSession } from './store.js'
import type { CookieAttributes, Texts } from './texts.js'
import { DEFAULT_COOKIE, isCookieChanged, textsOf } from './texts.js'

type Store = NonNullable<Awaited<ReturnType<Manager['load']>>>

/** Keys of core's and our own start with one `@`; keys of the application that do get another one in front. */
const COOKIE = '@express'
const CREATED_AT = '@created'
const isOfApplication = (name: string): boolean => name[0] !== '@' || name[1] === '@'
const keyOf = (name: string): string => (name[0] === '@' ? name.slice(1) : name)
const storedKey = (key: string): string => (key[0] === '@' ? `@${key}` : key)

export class HeldSession {
  readonly id: string
  readonly #manager: Manager
  #store: Store | undefined
  /** What the store and whoever has the object agreed on last. */
  #texts: Texts = textsOf({})
  #last: Promise<unknown> = Promise.resolve()

  constructor(manager: Manager, id: string) {
    this.#manager = manager
    this.id = id
  }

  /** `undefined` when there is none. */
  async load(): Promise<StoredSession | undefined> {
    this.#store = await this.#manager.load(this.id)
    if (!this.#store) return undefined
    const session = sessionOf(this.#store)
    this.#texts = textsOf(session)
    return session
  }

  /** Saves what is different from what was loaded. Where nothing was, or is, the session begins. */
  save(texts: Texts): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#store) await this.load()
      this.#store ??= this.#begin()
      await this.#commit(this.#store, texts)
    })
  }

  /** Refreshes the expiry, also that of the cookie. Never begins a session. */
  touch(cookie: CookieAttributes): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#store) await this.load()
      if (this.#store) await this.#commit(this.#store, { ...this.#texts, cookie })
    })
  }

  #begin(): Store {
    const store = this.#manager.provider.create(this.id)
    store.set(CREATED_AT, this.#manager.options.clock())
    return store
  }

  /** The release refreshes the expiry if that is due. A session that is gone is left so, which is no error. */
  async #commit(store: Store, texts: Texts): Promise<void> {
    const before = this.#texts
    for (const key of before.data.keys()) if (!texts.data.has(key)) store.delete(storedKey(key))
    for (const [key, text] of texts.data) {
      if (text !== before.data.get(key)) store.set(storedKey(key), JSON.parse(text))
    }
    const isMoved = !store.has(COOKIE) || isCookieChanged(before.cookie, texts.cookie)
    if (isMoved) store.set(COOKIE, texts.cookie)
    await this.#manager.commit(store)
    this.#texts = { data: texts.data, cookie: isMoved ? texts.cookie : before.cookie }
  }

  #inTurn(fn: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(fn, fn)
    this.#last = turn
    return turn
  }
}

/** Every key is the session's own, `__proto__` too. */
function sessionOf(store: Store): StoredSession {
  const entries: [string, unknown][] = []
  for (const name of store.keys()) if (isOfApplication(name)) entries.push([keyOf(name), store.get(name)])
  const cookie = { ...((store.get(COOKIE) as object | undefined) ?? DEFAULT_COOKIE) }
  return { ...Object.fromEntries(entries), cookie }
}
