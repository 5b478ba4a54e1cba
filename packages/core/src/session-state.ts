/**
 * What one request knows of its session: what is stored, what was changed, and what the cookie must become.
 * @module
 */
import { Asked } from './asked.js'
import type { Awaitable } from './awaitable.js'
import { andThen, attempt, isPromise } from './awaitable.js'
import { isOutage, SessionError, undefinedIfCorrupt } from './errors.js'
import type { CookieEvent } from './events.js'
import { publishCookie } from './events.js'
import type { Identity, Manager } from './manager.js'
import type { ManagedStore } from './managed-store.js'
import { CREATED_AT, holdsAnything, IDENTITY_KEYS, LIFETIME, own, USER_ID } from './own-keys.js'
import type { Found } from './renewal.js'

/** The response that carries the cookie. */
export interface Carrier {
  /** The session is used: the response depends on the cookie, and may have to wait for a commit. */
  touched(): void
  /** Why no cookie can be set any more; `undefined` while it can. */
  readonly closed: CookieEvent['reason'] | undefined
}

/** For sessions that are read without a response. */
export const NO_RESPONSE: Carrier = { touched: () => undefined, closed: 'no-response' }

export class SessionState {
  readonly manager: Manager
  /** What the cookie must become: stay, take the token, be removed. */
  cookie: 'keep' | 'set' | 'clear' = 'keep'
  /** Whether the request came without a stored session. */
  isNew = true
  /** Whether it came without a token, so that there was no session to look for. */
  readonly isAnonymous: boolean
  readonly asked: Asked = new Asked()
  readonly #carrier: Carrier
  readonly #hadCookie: boolean
  /** Whether the token came in the cookie of express-session, or signed by an older secret, and has to move into ours. */
  readonly #isToMove: boolean
  #phase: 'unread' | 'ready' | 'outage'
  #loading: Promise<void> | undefined
  #outage: unknown
  #identity: Identity | undefined
  #store: ManagedStore | undefined
  /** Whether the store holds the session, as far as this request knows. */
  #stored = false
  #isLifetimeNew = false
  /** When a session that is not stored yet began, once somebody asked; milliseconds. */
  #began: number | undefined

  constructor(manager: Manager, cookieHeader: string | undefined, carrier: Carrier) {
    const own = manager.tokenOf(cookieHeader)
    const token = own ?? manager.options.expressCookie?.tokenOf(cookieHeader)
    this.manager = manager
    this.isAnonymous = token === undefined
    this.#carrier = carrier
    this.#hadCookie = own !== undefined
    this.#isToMove = own === undefined ? token !== undefined : manager.isCookieOutdated(cookieHeader)
    this.#phase = token === undefined && !manager.options.lazy ? 'ready' : 'unread'
    if (token !== undefined) this.#identity = manager.identityOf(token)
  }

  get id(): string {
    this.#assertLoaded()
    this.#carrier.touched()
    return this.#ownIdentity().id
  }

  get token(): string {
    return this.#ownIdentity().token
  }

  /** Loads what the cookie names; twice is the same as once. */
  load(): Awaitable<void> {
    if (this.#phase !== 'unread' || this.#loading) return this.#loading
    if (!this.#identity) return this.#loaded(undefined)
    const identity = this.#identity
    const loading = attempt(
      () => this.manager.find(identity, this.#carrier.closed === undefined),
      (found) => this.#loaded(found),
      (error) => this.#notLoaded(error),
    )
    if (isPromise(loading)) this.#loading = loading
    return loading
  }

  #loaded(found: Found | undefined): void {
    this.#loading = undefined
    if (this.#phase !== 'unread') return // it was ended meanwhile
    this.#phase = 'ready'
    this.#take(found)
    this.#stored = found !== undefined
    this.isNew = !this.#stored
    if (this.isNew)
      this.#identity = undefined // a token that we don't know is never adopted
    else if (this.#isToMove) this.cookie = 'set'
    else this.#keepCookie()
  }

  /** The session that was found; with another token than the one that came, the browser has to learn it. */
  #take(found: Found | undefined): void {
    this.#store = found?.store
    if (!found || found.identity.id === this.#identity?.id) return
    this.#identity = found.identity
    this.cookie = 'set'
  }

  #notLoaded(error: unknown): void {
    this.#loading = undefined
    if (this.manager.options.onOutage === 'fail' || !isOutage(error)) throw error
    if (this.#phase !== 'unread') return
    this.#outage = error
    this.#phase = 'outage'
  }

  /** For reading; `undefined` when nothing is stored. */
  read(): ManagedStore | undefined {
    this.#assertLoaded()
    this.#carrier.touched()
    return this.#store
  }

  /** Whether there is a value under a key, for who looks and doesn't use it: no response depends on that. */
  holds(key: string): boolean {
    return this.#store?.has(key) ?? false
  }

  /** For changing; begins a session where there is none. */
  write(): ManagedStore {
    this.#assertLoaded()
    if (this.#phase === 'outage') throw this.#refusal()
    if (!this.#stored) this.#assertCookieCanBeSet('start a session')
    this.#carrier.touched()
    return (this.#store ??= this.manager.provider.create(this.#ownIdentity().id, true))
  }

  /** For removing something; `undefined` when nothing is stored. */
  readToRemove(): ManagedStore | undefined {
    const store = this.read()
    if (this.#phase === 'outage') throw this.#refusal()
    return store
  }

  /** When the session began, in milliseconds; for a new one, when that was asked first. */
  get createdAt(): number {
    const store = this.read()
    return (store && own(store, CREATED_AT)) ?? (this.#began ??= this.manager.options.clock())
  }

  /** Seconds that the session lives unused, where it asked for more than others have. */
  get lifetime(): number | undefined {
    return this.#store && own(this.#store, LIFETIME)
  }

  /** @param seconds `undefined`: as long as others */
  setLifetime(seconds: number | undefined): void {
    if (seconds === this.lifetime) return
    if (seconds === undefined) this.write().delete(LIFETIME)
    else this.write().set(LIFETIME, seconds)
    this.#isLifetimeNew = true
  }

  /** The browser's copy of a session that lives long is to live as long as ours. */
  #keepCookie(): void {
    if (this.lifetime === undefined || this.#carrier.closed !== undefined) return
    const { cookies } = this.manager
    if (!cookies.isDue(this.#store!.id)) return
    cookies.mark(this.#store!.id)
    this.cookie = 'set'
  }

  /** Whether a commit has anything to do. @param looksInside see {@link ManagedStore.isPending} */
  isPending(looksInside: boolean): boolean {
    if (this.asked.isUnderWay) return true
    if (!this.#store) return false
    return this.#stored
      ? this.#store.isPending(looksInside) || this.#isSeenDue(this.#store)
      : holdsAnything(this.#store)
  }

  /** Persists the change. A new session in which nothing is left is not stored. */
  commit(): Awaitable<void> {
    return this.asked.inTurn(() => this.#commit())
  }

  #commit(): Awaitable<void> {
    const store = this.#store
    if (!store || !(this.#stored || holdsAnything(store))) return
    if (!this.#stored && !store.has(CREATED_AT)) store.set(CREATED_AT, this.createdAt)
    return andThen(this.manager.commit(store), () => {
      if (store.outcome === 'moved') return this.#follow(store)
      if (!this.#isSeenDue(store)) return this.#committed(store)
      return this.manager.users.see(userOf(store)!, store.id, this.lifetime).then(() => this.#committed(store))
    })
  }

  /** Brings what a store could not release to the id that the session has now. */
  async #follow(store: ManagedStore): Promise<void> {
    const found = await this.manager.find(this.#ownIdentity(), false)
    if (!found) return store.drop()
    store.moveTo(found.store)
    this.#take(found)
    return this.#commit()
  }

  #committed(store: ManagedStore): void {
    if (store !== this.#store) return
    if (!this.#stored && store.outcome === 'saved') {
      this.#stored = true
      this.cookie = 'set'
    } else if (store.outcome === 'saved' && this.cookie === 'keep' && this.#isCookieOutdated()) {
      this.cookie = 'set' // the browser's copy is to live as long as ours
    }
    this.#isLifetimeNew = false
  }

  #isCookieOutdated(): boolean {
    return this.#isLifetimeNew || this.lifetime !== undefined || this.manager.options.cookieLifeTime > 0
  }

  /** Whether the store holds the session, as far as this request knows. */
  get isStored(): boolean {
    return this.#stored
  }

  /** Whether another request ended the session meanwhile, so that nothing was written. */
  get isGone(): boolean {
    return this.#store?.outcome === 'gone'
  }

  async update(key: string, fn: (value: unknown) => unknown): Promise<unknown> {
    if (this.#phase === 'unread') await this.load() // else at once: what the handler does next comes after
    const store = this.write()
    const result = store.apply(key, fn)
    await this.commit()
    if (store.outcome === 'gone' || this.isGone || !this.#store)
      throw new SessionError('SESS_GONE', `session ${store.id}: it was ended meanwhile`)
    return result()
  }

  /** A new token and id; the data stays, the old id is dead when it resolves. */
  async regenerate(): Promise<void> {
    return this.asked.inTurn(() => this.#regenerate())
  }

  async #regenerate(): Promise<void> {
    await this.load()
    if (this.#phase === 'outage') throw this.#refusal()
    this.#assertCookieCanBeSet('regenerate a session')
    this.#carrier.touched()
    const identity = this.manager.newIdentity()
    const userId = this.#store && userOf(this.#store)
    if (userId !== undefined && !(await this.manager.users.move(userId, this.#store!.id, identity.id))) {
      throw new SessionError('SESS_GONE', `session ${this.id}: all sessions of the user are being ended`)
    }
    await this.#takeIdentity(identity)
    if (userId !== undefined && !this.#stored) await this.manager.users.remove(userId, identity.id)
  }

  /** As `regenerate`, and nothing stays: no data, no user, no lifetime of its own. The session begins anew. */
  async renew(): Promise<void> {
    return this.asked.inTurn(() => this.#renew())
  }

  async #renew(): Promise<void> {
    await this.#regenerate()
    const store = this.#store
    const userId = store && userOf(store)
    store?.flush()
    store?.set(CREATED_AT, this.manager.options.clock())
    if (!store || userId === undefined) return
    await this.#commit() // ahead of the user's index, which is to list whatever is the user's
    await this.manager.users.remove(userId, store.id)
  }

  /**
   * Binds the session to a user, under a new id, and commits. The user's index knows the id before the session has it.
   * Whoever ends all sessions of the user meanwhile ends this one too.
   */
  async login(userId: string, label: string): Promise<void> {
    return this.asked.inTurn(() => this.#login(userId, label))
  }

  async #login(userId: string, label: string): Promise<void> {
    await this.load()
    if (this.#phase === 'outage') throw this.#refusal()
    this.#assertCookieCanBeSet('log in')
    this.#carrier.touched()
    const identity = this.manager.newIdentity()
    await this.manager.users.add(userId, identity.id, label, this.lifetime)
    await this.#takeIdentity(identity)
    const store = this.write()
    store.set(USER_ID, userId)
    store.set(CREATED_AT, this.manager.options.clock())
    await this.#commit()
    if (await this.manager.users.has(userId, identity.id)) return
    await this.#end()
    throw new SessionError('SESS_GONE', `session ${identity.id}: all sessions of the user were ended during the log-in`)
  }

  async #takeIdentity(identity: Identity): Promise<void> {
    const old = this.#store
    const userId = old && userOf(old)
    if (old) await this.#moveTo(identity, old)
    this.#identity = identity
    if (userId !== undefined) await this.manager.users.remove(userId, old!.id)
  }

  async #moveTo({ id }: Identity, old: ManagedStore): Promise<void> {
    const { provider } = this.manager
    const store = this.#stored ? await this.manager.regenerate(old.id, id) : provider.create(id, true)
    // A session that another request ended is not there to be moved: what this one sets begins a new one.
    const moved = this.#stored && store.has(CREATED_AT)
    old.moveTo(store)
    if (this.#stored && !moved) for (const key of IDENTITY_KEYS) store.delete(key)
    this.#store = store
    this.#stored = moved
    if (moved) this.cookie = 'set'
    else if (this.cookie === 'set') this.cookie = 'clear'
  }

  /**
   * Removes the session here and in the store, when all is over that was asked of the store before: a commit under way
   * would leave a record that nobody knows. What is set afterwards begins a new session.
   */
  async destroy(): Promise<void> {
    await this.asked.inTurn(() => this.#end())
  }

  async #end(): Promise<void> {
    this.#carrier.touched()
    const wasStored = this.#stored || this.#phase !== 'ready'
    const id = this.#identity?.id
    const userId = this.#store && userOrNobody(this.#store)
    if (wasStored && id !== undefined) await this.manager.end(id)
    if (userId !== undefined) await this.manager.users.remove(userId, id!)
    if (this.#hadCookie || this.cookie === 'set') this.cookie = 'clear'
    this.#phase = 'ready'
    this.#store = undefined
    this.#stored = false
    this.#identity = undefined
    this.#began = undefined
    this.isNew = true
  }

  #isSeenDue(store: ManagedStore): boolean {
    if (store.outcome === 'gone' || userOrNobody(store) === undefined) return false
    return this.#isLifetimeNew || this.manager.users.isSeenDue(store.id)
  }

  #ownIdentity(): Identity {
    return (this.#identity ??= this.manager.newIdentity())
  }

  #assertLoaded(): void {
    if (this.#phase !== 'unread') return
    throw new SessionError(
      'SESS_NOT_LOADED',
      'the session is not loaded yet: with lazy: true, await session.load() first',
    )
  }

  #assertCookieCanBeSet(doing: string): void {
    const { closed } = this.#carrier
    if (closed === undefined) return
    publishCookie({ provider: this.manager.provider.name, id: this.#ownIdentity().id, reason: closed })
    const why = closed === 'no-response' ? 'there is no response to carry its cookie' : 'the headers are sent already'
    throw new SessionError('SESS_HEADERS_SENT', `can't ${doing}: ${why}`)
  }

  #refusal(): SessionError {
    const message = "the session can't be changed: the store is away, and onOutage: 'anonymous' serves without it"
    return new SessionError('SESS_OUTAGE', message, { cause: this.#outage })
  }
}

const userOf = (store: ManagedStore): string | undefined => own(store, USER_ID)

/** A session that can't be read can be ended all the same. */
function userOrNobody(store: ManagedStore): string | undefined {
  try {
    return userOf(store)
  } catch (error) {
    return undefinedIfCorrupt(error)
  }
}
