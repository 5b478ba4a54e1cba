/**
 * Sessions over a provider: tokens, ids, lifetimes. Nothing of HTTP but the text of a Cookie header.
 * @module
 */
import { manage } from './adopted-provider.js'
import type { Awaitable } from './awaitable.js'
import { andThen, isPromise } from './awaitable.js'
import { warn } from './builtin.js'
import { readCookie } from './cookie.js'
import { OptionError, SessionError, show, toSessionError, undefinedIfCorrupt } from './errors.js'
import { commitChannel, destroyChannel, gcChannel, loadChannel, regenerateChannel, traced } from './events.js'
import { GcTimer } from './gc.js'
import { inParallel } from './in-parallel.js'
import type { ManagedContext, ManagedProvider, ManagedStore } from './managed-store.js'
import type { ResolvedOptions, SessionOptions } from './options.js'
import { isObject } from './option-checks.js'
import { resolveOptions } from './options.js'
import { CREATED_AT, own, USER_ID } from './own-keys.js'
import { memory } from './providers/memory.js'
import { RefreshMemory } from './refresh-memory.js'
import { providerFactory, registerProvider } from './registry.js'
import type { Found } from './renewal.js'
import { isHandedOver, Renewal } from './renewal.js'
import { Session } from './session.js'
import { NO_RESPONSE, SessionState } from './session-state.js'
import { within } from './timeout.js'
import { idOf, isToken, newToken } from './token.js'
import type { UserSession } from './user-entry.js'
import { checkUserId, UserIndex } from './users.js'

registerProvider('memory', memory, '@sess/core') // the default, whatever the entry

/** A request as far as a session needs it: Node's, or one of the Fetch API. */
export interface RequestWithCookie {
  /** Its headers: an object of Node's, or a `Headers`. */
  readonly headers: { readonly cookie?: string | undefined } | { get(name: string): string | null }
}

/** A secret for the cookie, and the id under which its session is stored. */
export interface Identity {
  readonly token: string
  readonly id: string
}

/** Makes a manager; it opens its provider when it is first used, or by {@link Manager.ready}. */
export function createManager(options?: SessionOptions): Manager {
  return new Manager(resolveOptions(options))
}

/** Sessions over a provider: opens and closes it, reads, counts, ends and collects them. Made by {@link createManager}. */
export class Manager {
  /** The options with their defaults, as they were checked at start. */
  readonly options: ResolvedOptions
  /** The store; its `name` and its `capabilities` are the application's to read. */
  readonly provider: ManagedProvider
  /** Which sessions belong to whom. */
  readonly users: UserIndex
  /** Which sessions with a lifetime of their own had their cookie renewed lately. */
  readonly cookies: RefreshMemory
  readonly #renewal: Renewal
  readonly #gc: GcTimer
  readonly #context: ManagedContext
  #opening: Promise<void> | undefined
  #state: 'closed' | 'open' | 'ended' = 'closed'
  /** The latest attempt to open the provider, unless it failed: one that took too long goes on, and may succeed. */
  #latestAttempt: Promise<void> | undefined

  /** Use {@link createManager}. */
  constructor(options: ResolvedOptions) {
    this.options = options
    const { provider } = options
    this.provider = manage(typeof provider === 'string' ? providerFactory(provider)() : provider)
    const { idLength, maxLifetime, absoluteLifetime, clock, renewEvery, renewGrace } = options
    const { codec, cipher, storeTimeout } = options
    this.#context = { clock, codec, cipher, idLength, storeTimeout, report: warn }
    const call = async <T>(doing: string, fn: () => Awaitable<T>): Promise<T> => this.#call(doing, fn)
    this.users = new UserIndex({ provider: this.provider, idLength, maxLifetime, absoluteLifetime, clock, call })
    this.cookies = new RefreshMemory(clock, (maxLifetime * 1000) / 60)
    this.#renewal = new Renewal({
      provider: this.provider,
      users: this.users,
      renewEvery,
      renewGrace,
      clock,
      identityOf: (token) => this.identityOf(token),
      load: (id) => this.load(id),
      call,
    })
    this.#gc = new GcTimer(options.gcLifetime, () => this.gc(), warn)
  }

  /**
   * Resolves when the provider is open; a failed attempt is made again by the next call, also by the next request.
   * @throws {OptionError} at once, `SESS_OPTION`, when the provider can't be configured so
   * @throws {SessionError} `SESS_STORE`, `SESS_TIMEOUT` when the store can't be reached
   */
  ready(): Promise<void> {
    return (this.#opening ??= this.#open())
  }

  #open(): Promise<void> {
    if (this.#state === 'ended') return Promise.reject(ended())
    const { maxLifetime, providerConfig } = this.options
    const attempt = Promise.resolve(this.provider.init(maxLifetime, providerConfig, this.#context)) // JavaScript may have none
    this.#latestAttempt = attempt
    attempt.catch(() => {
      if (this.#latestAttempt === attempt) this.#latestAttempt = undefined
    })
    return this.#ask('open', attempt).then(
      () => {
        if (this.#state === 'ended') return
        this.#state = 'open'
        this.#gc.start()
      },
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
  }

  /**
   * The session of a request that has no response to carry a cookie: a WebSocket's upgrade, an event stream, a job.
   * `release()` is the caller's, and a new session can't be made.
   * @throws {OptionError} `SESS_OPTION` on what has no headers
   */
  async read(request: RequestWithCookie): Promise<Session> {
    const headers: unknown = (request as Partial<RequestWithCookie> | undefined)?.headers
    if (!isObject(headers)) throw new OptionError('request', 'a request, with its headers', show(request))
    const cookie = 'get' in headers && typeof headers.get === 'function' ? headers.get('cookie') : undefined
    const header = cookie ?? (headers as { cookie?: string }).cookie
    const state = new SessionState(this, header, NO_RESPONSE)
    await state.load()
    return new Session(state)
  }

  /**
   * Ends a session by its id, whoever's it is; a missing one is no error.
   * @throws {SessionError} `SESS_ID` on what can be no session's id
   */
  async destroy(id: string): Promise<void> {
    const userId = await this.#userOf(id)
    await this.end(id)
    if (userId !== undefined) await this.users.remove(userId, id)
  }

  /** A session that can't be read can be ended all the same. */
  async #userOf(id: string): Promise<string | undefined> {
    try {
      const store = await this.#call('load', () => this.provider.find(id))
      return store && own(store, USER_ID)
    } catch (error) {
      return undefinedIfCorrupt(error)
    }
  }

  /** Ends a session, and leaves the user's index to the caller. */
  async end(id: string): Promise<void> {
    checkNotOurs(id)
    const event = { provider: this.provider.name, id }
    await traced(
      destroyChannel,
      event,
      () => this.#call('destroy', () => this.#renewal.end(id)),
      () => 'done',
    )
  }

  /**
   * The living sessions of a user who logged in by `session.login`, the last seen first; none for one who is unknown.
   * @throws {OptionError} `SESS_OPTION` when `userId` is neither a text nor a whole number
   */
  async sessionsOf(userId: string | number): Promise<UserSession[]> {
    return this.users.list(checkUserId(userId))
  }

  /**
   * Ends all sessions of a user, also those whose log-in is under way; twice is the same as once. Gives how
   * many there were; one that had expired is none.
   * @param options `except`: ids of sessions that go on, such as this one
   * @throws {OptionError} `SESS_OPTION` when `userId` is neither a text nor a whole number, or `except` is no id
   */
  async logoutUser(userId: string | number, options: { except?: string | readonly string[] } = {}): Promise<number> {
    const user = checkUserId(userId)
    if (!isObject(options)) throw new OptionError('options', 'an object, as in { except: session.id }', show(options))
    const except = [options.except ?? []].flat()
    for (const id of except) if (typeof id !== 'string') throw new OptionError('except', 'ids of sessions', show(id))
    const { ids, count } = await this.users.end(user, except)
    await inParallel(ids, (id) => this.end(id))
    await this.users.remove(user, ...ids)
    return count
  }

  /**
   * How many sessions are alive. What it costs depends on the store.
   * @throws {SessionError} `SESS_UNSUPPORTED` when the store can't tell
   */
  async count(): Promise<number> {
    return this.#call('count', () => this.provider.count(), false)
  }

  /** Removes what has expired. The timer calls it every `gcLifetime` seconds. */
  async gc(): Promise<void> {
    const collect = (): Awaitable<void> => this.#call('collect expired sessions', () => this.provider.gc(), false)
    return traced(gcChannel, { provider: this.provider.name }, collect, () => 'done')
  }

  /** Stops the timer and closes the provider. Whoever uses the manager afterwards gets `SESS_CLOSED`. */
  async close(): Promise<void> {
    if (this.#state === 'ended') return
    const opening = this.#opening
    this.#state = 'ended'
    this.#opening = undefined
    this.#gc.stop()
    await opening?.catch(() => undefined)
    if (this.#latestAttempt) await this.provider.close() // one that never opened has nothing to give back
  }

  /** The same as {@link Manager.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** The token in a Cookie header; `undefined` for one that is malformed, ambiguous or signed by nobody we know. */
  tokenOf(cookieHeader: string | undefined): string | undefined {
    const value = readCookie(cookieHeader, this.options.cookieName)
    if (value === undefined) return undefined
    if (this.options.signer) return this.options.signer.verify(value)
    return isToken(value) ? value : undefined
  }

  /** Whether the cookie whose token was taken has to be signed anew, so that its secret can be taken out one day. */
  isCookieOutdated(cookieHeader: string | undefined): boolean {
    const { signer, cookieName } = this.options
    return signer?.isRotating === true && signer.isOutdated(readCookie(cookieHeader, cookieName)!)
  }

  /** What goes into the cookie for a token. */
  cookieValue(token: string): string {
    return this.options.signer?.sign(token) ?? token
  }

  /** A new token, and the id under which its session will be stored. */
  newIdentity(): Identity {
    return this.identityOf(newToken())
  }

  /** The id that belongs to a token: its hash. Asks nobody. */
  identityOf(token: string): Identity {
    return { token, id: idOf(token, this.options.idLength) }
  }

  /**
   * The session of a token; `undefined` when there is none, it expired, or has reached its absolute lifetime. It comes
   * with another token when that is due, or has changed meanwhile.
   * @param mayRenew whether a cookie can be set
   */
  find(identity: Identity, mayRenew: boolean): Awaitable<Found | undefined> {
    return this.#renewal.find(identity, mayRenew)
  }

  /** What is stored under an id, as it is; `undefined` when there is none, it expired, or has reached its absolute lifetime. */
  load(id: string): Awaitable<ManagedStore | undefined> {
    checkNotOurs(id)
    const event = { provider: this.provider.name, id }
    return traced(
      loadChannel,
      event,
      () => this.#load(id),
      (store) => (store ? 'found' : 'missing'),
    )
  }

  #load(id: string): Awaitable<ManagedStore | undefined> {
    const found = this.#call('load', () => this.provider.find(id))
    return andThen(found, (store) => {
      if (!store || isHandedOver(store) || !this.#isTooOld(store)) return store
      return this.end(id).then(() => undefined)
    })
  }

  #isTooOld(store: ManagedStore): boolean {
    const { absoluteLifetime, clock } = this.options
    if (absoluteLifetime === 0) return false
    return clock() - (own(store, CREATED_AT) ?? 0) >= absoluteLifetime * 1000
  }

  /** Releases a store, and tells the channel `sess:commit` what came of it. Sessions do it by themselves. */
  commit(store: ManagedStore): Awaitable<void> {
    const event = { provider: this.provider.name, id: store.id }
    return traced(
      commitChannel,
      event,
      () => this.#call('save', () => store.commit()),
      () => store.outcome,
    )
  }

  /** Gives a stored session another id. When it resolves the old one is dead. */
  async regenerate(oldId: string, id: string): Promise<ManagedStore> {
    const event = { provider: this.provider.name, id: oldId }
    const move = (): Awaitable<ManagedStore> => this.#call('regenerate', () => this.#renewal.regenerate(oldId, id))
    return traced(regenerateChannel, event, move, () => 'done')
  }

  /** Asks the provider, opened if need be, within `storeTimeout`; long walks over all sessions have no limit. */
  #call<T>(doing: string, fn: () => Awaitable<T>, limited = true): Awaitable<T> {
    if (this.#state === 'ended') return Promise.reject(ended())
    if (this.#state === 'closed') return this.#ask(doing, this.ready().then(fn), limited)
    try {
      const answer = fn()
      return isPromise(answer) ? this.#ask(doing, answer, limited) : answer
    } catch (error) {
      throw toSessionError(error, doing, this.provider.name)
    }
  }

  async #ask<T>(doing: string, promise: Promise<T>, limited = true): Promise<T> {
    try {
      return await (limited ? within(this.options.storeTimeout, doing, promise) : promise)
    } catch (error) {
      throw toSessionError(error, doing, this.provider.name)
    }
  }
}

/** What starts with `~` is a record of ours: an id from outside is not to end the list of a user's sessions. */
function checkNotOurs(id: unknown): void {
  if (typeof id !== 'string' || !id.startsWith('~')) return
  throw new SessionError('SESS_ID', 'expected the id of a session, got that of another record')
}

const ended = (): SessionError => new SessionError('SESS_CLOSED', 'the session manager was closed')
