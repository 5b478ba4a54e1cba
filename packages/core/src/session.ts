/**
 * What handlers hold.
 * @module
 */
import { OptionError, show } from './errors.js'
import { Flash } from './flash.js'
import { checkLifetime } from './lifetime.js'
import { refuseProperties } from './no-properties.js'
import { KEPT_KEYS, own, USER_ID } from './own-keys.js'
import type { SessionState } from './session-state.js'
import { checkLabel, checkUserId } from './users.js'

/**
 * The keys of the application's sessions and their types; augment it:
 *
 * @example
 * ```ts
 * declare module '@sess/core' {
 *   interface SessionData { user: { id: number; name: string } }
 * }
 * ```
 */
export interface SessionData {}

type KnownKey = keyof SessionData & string

/** As express-session and what is made for it call back: with the error, or nothing. */
export type SessionCallback = (error?: unknown) => void

/** What Passport keeps under the key `passport`. */
export interface PassportData {
  /** What the application's `serializeUser` gave. */
  user?: unknown
}

/**
 * A visitor's session. Reading and changing is in memory; the change is persisted before the response's first byte.
 * An object that was taken out and changed in place is saved too. A property is not a key: to assign one that is not
 * listed here throws `SESS_VALUE`, and so does reading one whose name is a key of the session.
 */
export class Session {
  static {
    refuseProperties(Session.prototype, (object, key) => #state in object && object.#state.holds(storedKey(key)))
  }

  readonly #state: SessionState
  #flash: Flash | undefined

  /** Made by an exchange or by `manager.read`. */
  constructor(state: SessionState) {
    this.#state = state
  }

  /** The session's name in the store: safe to log and to show; the cookie can't be made from it. */
  get id(): string {
    return this.#state.id
  }

  /** Whether this request came without a stored session. */
  get isNew(): boolean {
    void this.#state.read()
    return this.#state.isNew
  }

  /** When the session began; now, for a new one. */
  get createdAt(): Date {
    return new Date(this.#state.createdAt)
  }

  /** Whom the session is bound to by log-in; `undefined` for nobody. */
  get userId(): string | undefined {
    const store = this.#state.read()
    return store && own(store, USER_ID)
  }

  /**
   * Seconds after which this session expires when it is not used: `maxLifetime`, unless it asked for more. One that did
   * has a cookie that outlives the browser, by the same time, and keeps both under a new id. Setting it begins no
   * session; `maxLifetime` takes it back.
   * @throws {OptionError} `SESS_OPTION` when it is set to less than `maxLifetime`, to more than `absoluteLifetime` or
   * 400 days, or to what is no whole number
   * @throws {SessionError} `SESS_UNSUPPORTED` when it is set and the provider has one lifetime for all; and as `set`
   */
  get lifetime(): number {
    void this.#state.read()
    return this.#state.lifetime ?? this.#state.manager.options.maxLifetime
  }

  /** Sets the lifetime, in seconds, of this session and its cookie. */
  set lifetime(seconds: number) {
    const { manager } = this.#state
    const { maxLifetime } = manager.options
    this.#state.setLifetime(checkLifetime(manager, seconds) === maxLifetime ? undefined : seconds)
  }

  /** The flash messages of this session. */
  get flash(): Flash {
    return (this.#flash ??= new Flash(this.#state))
  }

  /** The value of a key; `undefined` when there is none. */
  get<K extends KnownKey>(key: K): SessionData[K] | undefined
  get(key: string): unknown
  get(key: string): unknown {
    return this.#state.read()?.get(storedKey(key))
  }

  /** Whether there is a value under a key. */
  has(key: string): boolean {
    return this.#state.read()?.has(storedKey(key)) ?? false
  }

  /**
   * Sets a key.
   * @throws {SessionError} `SESS_VALUE` on a value that can't be kept, naming its path; `SESS_HEADERS_SENT` when it
   * would begin a session after the response's headers; `SESS_OUTAGE`, `SESS_NOT_LOADED`
   */
  set<K extends string>(key: K extends KnownKey ? never : K, value: unknown): void
  set<K extends KnownKey>(key: K, value: SessionData[K]): void // the last one: of it the compiler tells what is wrong
  set(key: string, value: unknown): void {
    const name = storedKey(key)
    this.#state.write().set(name, value)
  }

  /** Removes a key; a missing one is no error, and begins no session. */
  delete(key: string): void {
    const name = storedKey(key)
    if (this.#state.readToRemove()?.has(name)) this.#state.write().delete(name)
  }

  /** The application's keys, in the order in which they were first set. */
  keys(): string[] {
    const keys: string[] = []
    for (const name of this.#state.read()?.keys() ?? []) if (isOfApplication(name)) keys.push(keyOf(name))
    return keys
  }

  /** Keys and values. */
  entries(): [string, unknown][] {
    return this.keys().map((key) => [key, this.#state.read()!.get(storedKey(key))])
  }

  /** Removes all keys and messages. The session goes on, empty, and whoever is logged in stays so; to end it, `destroy`. */
  flush(): void {
    if (!this.#state.readToRemove()) return
    this.#state.write().flush(KEPT_KEYS)
    if (this.#flash) Flash.forget(this.#flash)
  }

  /**
   * Changes a key by a function of the value that the store holds at that moment, atomically among all requests and
   * processes. Resolves with the new value when the store has confirmed, this request's other changes with it.
   * `fn` may be called several times; `undefined` removes the key.
   * @throws {SessionError} `SESS_GONE` when the session was ended meanwhile; `SESS_CONFLICT`, `SESS_STORE`
   * @throws {OptionError} `SESS_OPTION` when `fn` is no function
   */
  update<T, K extends string = string>(
    key: K extends KnownKey ? never : K,
    fn: (value: T | undefined) => T | undefined,
  ): Promise<T | undefined>
  update<K extends KnownKey>(
    key: K,
    fn: (value: SessionData[K] | undefined) => SessionData[K] | undefined,
  ): Promise<SessionData[K] | undefined>
  async update(key: string, fn: (value: never) => unknown): Promise<unknown> {
    checkFunction('fn', fn)
    return this.#state.asked.track(this.#state.update(storedKey(key), fn as (value: unknown) => unknown))
  }

  /**
   * Another token and id, so that whoever knew the old one is out; the data stays. Call it whenever privileges change.
   * @throws {SessionError} `SESS_HEADERS_SENT` after the headers are sent; what the store throws
   */
  regenerate(): Promise<void>
  /** As express-session has it, for Passport and its like: nothing stays, neither the data nor the user of `login`. */
  regenerate(callback: SessionCallback): void
  regenerate(callback?: SessionCallback): Promise<void> | void {
    return callback ? callBack(() => this.#state.asked.track(this.#renew()), callback) : this.#regenerate()
  }

  async #regenerate(): Promise<void> {
    await this.#state.asked.track(this.#state.regenerate())
  }

  async #renew(): Promise<void> {
    await this.#state.load()
    const before = this.entries()
    const { lifetime } = this
    await this.#state.renew()
    this.#offer(before, lifetime)
  }

  /**
   * With `keepSessionInfo`, Passport copies each property of the session before onto the one after, which is the same
   * object here; so there is one property to copy, and copying it brings the data back.
   */
  #offer(before: [string, unknown][], lifetime: number): void {
    Object.defineProperty(this, 'previous', {
      configurable: true,
      enumerable: true,
      get: () => before,
      set: (entries: [string, unknown][]) => {
        for (const [key, value] of entries) this.set(key, value)
        if (lifetime !== this.lifetime) this.lifetime = lifetime
      },
    })
  }

  /**
   * Binds the session to a user, with a new id and all its data, and commits. From here on `manager.sessionsOf(userId)`
   * lists it, and `absoluteLifetime` counts anew.
   * @param label what the user shall recognise the session by, such as device and address; 1,000 characters are kept
   * @throws {SessionError} `SESS_GONE` when all sessions of the user are ended meanwhile; `SESS_HEADERS_SENT`; what the
   * store throws
   * @throws {OptionError} `SESS_OPTION` on a user that is nobody, or a label that is no text
   */
  async login(userId: string | number, label = ''): Promise<void> {
    await this.#state.asked.track(this.#state.login(checkUserId(userId), checkLabel(label)))
  }

  /** The same as {@link Session.destroy}. */
  logout(): Promise<void> {
    return this.destroy()
  }

  /** Ends the session: the record and the cookie. Requests in flight don't bring it back. */
  destroy(): Promise<void>
  /** The same, for who calls back. */
  destroy(callback: SessionCallback): void
  destroy(callback?: SessionCallback): Promise<void> | void {
    return callback ? callBack(() => this.#destroy(), callback) : this.#destroy()
  }

  async #destroy(): Promise<void> {
    await this.#state.asked.track(this.#state.destroy())
  }

  /**
   * Persists the change now; before the response it happens by itself. A session that another request ended stays
   * ended, and that is no error. The response waits for it, also where the handler doesn't.
   */
  release(): Promise<void> {
    return this.#state.asked.track(this.#commit())
  }

  async #commit(): Promise<void> {
    await this.#state.commit()
  }

  /** The same as `release`, under the name that express-session gave it. */
  save(): Promise<void>
  save(callback: SessionCallback): void
  save(callback?: SessionCallback): Promise<void> | void {
    return callback ? callBack(() => this.release(), callback) : this.release()
  }

  /** The key `passport`, where Passport expects it. Reading it begins no session. */
  get passport(): PassportData | undefined {
    return this.get('passport') as PassportData | undefined
  }

  /** Sets the key `passport`; `undefined` removes it. */
  set passport(data: PassportData | undefined) {
    if (data === undefined) this.delete('passport')
    else this.set<string>('passport', data)
  }

  /** Loads the session, where `lazy: true` left that to the handler; else there is nothing to do. */
  async load(): Promise<void> {
    await this.#state.load()
  }
}

/** Out of the promise: what a callback throws is not a rejection. What is no callback would then end the process. */
function callBack(act: () => Promise<void>, callback: SessionCallback): void {
  checkFunction('callback', callback)
  act().then(
    () => queueMicrotask(() => callback()),
    (error: unknown) => queueMicrotask(() => callback(error)),
  )
}

function checkFunction(name: string, given: unknown): void {
  if (typeof given !== 'function') throw new OptionError(name, 'a function', show(given))
}

const isOfApplication = (name: string): boolean => name[0] !== '@' || name[1] === '@'
const keyOf = (name: string): string => (name[0] === '@' ? name.slice(1) : name)

function storedKey(key: string): string {
  if (typeof key !== 'string') throw new OptionError('key', 'a string', show(key))
  return key[0] === '@' ? `@${key}` : key
}
