/**
 * A storage over a store of express-session: a record is one session there, `{ cookie, id, version, data }`. Such a store
 * can't compare and set, so both are done here, in turn for each id: that holds within this process.
 * @module
 */
import { SessionError, Turns } from '@sess/core'
import type { Loaded, ProviderCapabilities, Storage, Version } from '@sess/core'
import type { ExpressStore, StoredSession } from './store.js'
import { ask, orAbsent } from './store.js'

/** Seconds for reading all sessions; nobody's request waits for it. */
const LONG_WALK = 600

interface Kept extends StoredSession {
  readonly id: string
  readonly version: string
  readonly data: string
}

export class ExpressStorage implements Storage {
  readonly capabilities: Partial<ProviderCapabilities>
  readonly #store: ExpressStore
  readonly #timeout: number
  readonly #turns = new Turns()

  /** @param timeout seconds within which the store has to answer, so that a silent one can't block those who wait */
  constructor(store: ExpressStore, timeout: number) {
    this.#store = store
    this.#timeout = timeout
    this.capabilities = { merge: false, gone: false, count: typeof store.all === 'function' }
  }

  /** Two round trips where the expiry is refreshed. */
  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const kept = await (ttl === undefined ? this.#get(id) : this.#refreshed(id, ttl))
    return kept && { data: kept.data, version: kept.version }
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Promise<Version | false> {
    return this.#turns.run([id], async () => {
      if ((await this.#get(id))?.version !== expected) return false
      await this.#set({ cookie: cookieFor(ttl), id, version: next, data })
      return next
    })
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return (await this.#refreshed(id, ttl)) !== undefined
  }

  remove(id: string): Promise<void> {
    return this.#turns.run([id], () => this.#destroy(id))
  }

  /** A copy, then the removal of the old one: what another process writes in between is lost. */
  rename(from: string, to: string, ttl: number): Promise<boolean> {
    return this.#turns.run([from], async () => {
      const kept = await this.#get(from)
      if (!kept) return false
      if (await this.#get(to)) throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`)
      await this.#set({ ...kept, cookie: cookieFor(ttl), id: to })
      await this.#destroy(from)
      return true
    })
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#get(id)) !== undefined
  }

  /** Reads all sessions. Those of others in the same store, and core's own records, are left out. */
  async count(): Promise<number> {
    if (!this.#store.all) {
      throw new SessionError('SESS_UNSUPPORTED', "this express-session store has no method all, so it can't be counted")
    }
    const all = await ask<object | null>(LONG_WALK, (done) => this.#store.all!(done))
    return Object.values(all ?? {}).filter((session) => isKept(session) && !session.id.startsWith('~')).length
  }

  #refreshed(id: string, ttl: number): Promise<Kept | undefined> {
    return this.#turns.run([id], async () => {
      const kept = await this.#get(id)
      if (!kept) return undefined
      await this.#touch({ ...kept, cookie: cookieFor(ttl) })
      return kept
    })
  }

  async #touch(session: Kept): Promise<void> {
    const store = this.#store
    if (!store.touch) return this.#set(session)
    await ask(this.#timeout, (done) => store.touch?.(session.id, session as never, done)).catch(orAbsent)
  }

  async #get(id: string): Promise<Kept | undefined> {
    const session = await ask<StoredSession | null>(this.#timeout, (done) => this.#store.get(id, done)).catch(orAbsent)
    if (!session || isEmpty(session)) return undefined
    if (isKept(session)) return session
    throw new SessionError('SESS_CORRUPT', `session ${id}: what the store holds was not written by fromExpressStore`)
  }

  async #set(session: Kept): Promise<void> {
    await ask(this.#timeout, (done) => this.#store.set(session.id, session as never, done))
  }

  async #destroy(id: string): Promise<void> {
    await ask(this.#timeout, (done) => this.#store.destroy(id, done)).catch(orAbsent)
  }
}

function isKept(session: unknown): session is Kept {
  const { id, version, data } = session as Partial<Kept>
  return [id, version, data].every((part) => typeof part === 'string')
}

/** What session-file-store makes of a session that expired before it was refreshed. */
const isEmpty = (session: StoredSession): boolean =>
  Object.keys(session).every((key) => key === 'cookie' || key === '__lastAccess')

/** From this a store takes the expiry: some from `expires`, some from `maxAge`, some from `originalMaxAge`. */
function cookieFor(ttl: number): object {
  const maxAge = Math.ceil(ttl * 1000)
  return { originalMaxAge: maxAge, maxAge, expires: new Date(Date.now() + maxAge), httpOnly: true, path: '/' }
}
