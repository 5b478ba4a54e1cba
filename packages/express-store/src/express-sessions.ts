/**
 * A manager's sessions under the ids of express-session. Such an id is in the cookie, so it is treated as a token: the
 * store knows its hash alone.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Manager } from '@sess/core'
import { HeldSession } from './held-session.js'
import type { ExpressStore, StoredSession } from './store.js'
import { ask, orAbsent } from './store.js'
import type { CookieAttributes } from './texts.js'
import { textsOf } from './texts.js'

export class ExpressSessions {
  readonly #manager: Manager
  readonly #previous: ExpressStore | undefined
  /** By the object that the application has in its hands. */
  readonly #held = new WeakMap<object, HeldSession>()
  #isTold = false

  /** @param previous where sessions are looked for that the manager does not have */
  constructor(manager: Manager, previous: ExpressStore | undefined) {
    this.#manager = manager
    this.#previous = previous
  }

  /** `undefined` when there is none, or its cookie has expired. */
  async get(sid: string): Promise<StoredSession | undefined> {
    const id = this.#idOf(sid)
    const session = (await this.#load(id)) ?? (await this.#moveIn(sid, id))
    if (!session || !this.#isOver(session.cookie)) return session
    await this.#manager.destroy(id)
    return undefined
  }

  /** Says that `copy` was made of `session`, which `get` gave. */
  follow(session: object, copy: object): void {
    const held = this.#held.get(session)
    if (held) this.#held.set(copy, held)
  }

  async set(sid: string, session: StoredSession): Promise<void> {
    const texts = textsOf(session)
    this.#tellIfLonger(texts.cookie)
    await this.#of(sid, session).save(texts)
  }

  async touch(sid: string, session: StoredSession): Promise<void> {
    await this.#of(sid, session).touch(textsOf({ cookie: session.cookie }).cookie)
  }

  async destroy(sid: string): Promise<void> {
    await this.#removePrevious(sid)
    await this.#manager.destroy(this.#idOf(sid))
  }

  count(): Promise<number> {
    return this.#manager.count()
  }

  async #load(id: string): Promise<StoredSession | undefined> {
    const held = new HeldSession(this.#manager, id)
    const session = await held.load()
    if (session) this.#held.set(session, held)
    return session
  }

  /** Takes a session over from the store before. Of parallel requests one does it, and the others find it done. */
  async #moveIn(sid: string, id: string): Promise<StoredSession | undefined> {
    const { storeTimeout } = this.#manager.options
    const previous = this.#previous
    const session = previous && (await ask(storeTimeout, previous.get.bind(previous, sid)).catch(orAbsent))
    if (!session) return undefined
    const { data, cookie } = textsOf(session)
    try {
      await new HeldSession(this.#manager, id).save({
        data,
        cookie: this.#isOver(cookie) ? this.#renewed(cookie) : cookie,
      })
    } catch (error) {
      if (!(error instanceof SessionError && error.code === 'SESS_CONFLICT')) throw error
    }
    await this.#removePrevious(sid)
    return this.#load(id)
  }

  async #removePrevious(sid: string): Promise<void> {
    const previous = this.#previous
    if (!previous) return
    await ask<void>(this.#manager.options.storeTimeout, (done) => previous.destroy(sid, done)).catch(orAbsent)
  }

  /** What is held of an object; an object that came from elsewhere is compared with what is stored. */
  #of(sid: string, session: object): HeldSession {
    const id = this.#idOf(sid)
    const held = this.#held.get(session)
    if (held?.id === id) return held
    const fresh = new HeldSession(this.#manager, id)
    this.#held.set(session, fresh)
    return fresh
  }

  #idOf(sid: string): string {
    return this.#manager.identityOf(sid).id
  }

  #isOver({ expires }: CookieAttributes): boolean {
    return typeof expires === 'string' && Date.parse(expires) <= this.#manager.options.clock()
  }

  /** Stores such as connect-redis refresh their own expiry alone: what they still give is alive, whatever its cookie says. */
  #renewed(cookie: CookieAttributes): CookieAttributes {
    const expires = this.#manager.options.clock() + (cookie.originalMaxAge ?? 0)
    return { ...cookie, expires: new Date(expires).toISOString() }
  }

  /** The store ends a session after `maxLifetime`, whatever its cookie says. */
  #tellIfLonger({ originalMaxAge }: CookieAttributes): void {
    const { maxLifetime } = this.#manager.options
    if (this.#isTold || (originalMaxAge ?? 0) <= maxLifetime * 1000) return
    this.#isTold = true
    const seconds = Math.round(originalMaxAge! / 1000)
    process.emitWarning(
      `toExpressStore: sessions end after maxLifetime, ${maxLifetime} s, before their cookies, whose maxAge is ${seconds} s`,
    )
  }
}
