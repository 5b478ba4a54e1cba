/**
 * One request and its response: from the Cookie header in to the headers out. Every adapter is a translation onto this.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { andThen, attempt, isPromise } from './awaitable.js'
import { endOfBusyTurn, endOfTurn } from './end-of-turn.js'
import { SessionError } from './errors.js'
import type { CookieEvent } from './events.js'
import { publishCookie } from './events.js'
import type { Flash } from './flash.js'
import type { Manager } from './manager.js'
import { Session } from './session.js'
import type { Carrier } from './session-state.js'
import { SessionState } from './session-state.js'

/** What an adapter tells of its response. */
export interface ResponseSide {
  /** Whether the visitor reached us over TLS; asked when a cookie is set. */
  isSecure(): boolean
  /** Whether it is too late for a Set-Cookie. */
  headersSent(): boolean
  /** Whether a handler put `null` in the session's place, which ends one of cookie-session or koa-session. */
  isDiscarded(): boolean
}

/** What goes into the response's headers. */
export interface SessionHeaders {
  readonly setCookie: string | undefined
  /** The response depends on the cookie: `Vary: Cookie`. */
  readonly varies: boolean
}

/** For a response that sets the cookie, unless the handler chose its own. */
export const CACHE_CONTROL = 'private, no-cache="Set-Cookie"'

export class Exchange implements Carrier {
  readonly session: Session
  readonly #manager: Manager
  readonly #state: SessionState
  readonly #side: ResponseSide
  /** Whether a handler used the session, so that the response depends on the cookie. */
  isTouched = false

  constructor(manager: Manager, cookieHeader: string | undefined, side: ResponseSide) {
    this.#manager = manager
    this.#side = side
    this.#state = new SessionState(manager, cookieHeader, this)
    this.session = new Session(this.#state)
  }

  get flash(): Flash {
    return this.session.flash
  }

  /** Loads the session. Where no store has to be waited for, at most the end of a busy turn. */
  open(): Awaitable<void> {
    if (this.#manager.options.lazy) return undefined
    return this.#state.load() ?? endOfBusyTurn()
  }

  touched(): void {
    this.isTouched = true
  }

  get closed(): CookieEvent['reason'] | undefined {
    return this.#side.headersSent() ? 'headers-sent' : undefined
  }

  /** Whether the response has to wait for a commit. @param looksInside see {@link ManagedStore.isPending} */
  isPending(looksInside = true): boolean {
    return this.#state.isPending(looksInside) || this.#side.isDiscarded()
  }

  /** Whether the store holds the session, as far as this request knows: one that can change without a cookie. */
  get isStored(): boolean {
    return this.#state.isStored
  }

  /**
   * Persists what the handlers changed; the response goes out when it has resolved, and an error page when not. Sessions
   * that begin in one turn are persisted together, after their handlers.
   */
  commit(): Awaitable<void> {
    return andThen(this.gathering(), () => this.commitNow())
  }

  /** The same without waiting for others that begin, for who did that before. */
  commitNow(): Awaitable<void> {
    if (this.#side.isDiscarded()) throw discarded()
    const committing = this.#persist(this.#state.asked.settled())
    return isPromise(committing) ? this.#state.asked.track(committing) : committing // what else is sent meanwhile waits too
  }

  /**
   * What a session that begins waits for before it is committed. Not where something is under way: if that failed in this
   * turn, nobody would know of it when the turn is over.
   */
  gathering(): Promise<void> | undefined {
    const { isAnonymous, isStored, asked } = this.#state
    return isAnonymous && !isStored && !asked.isUnderWay ? endOfTurn() : undefined
  }

  #persist(begin: Promise<void> | undefined): Awaitable<void> {
    return attempt(
      () => andThen(begin, () => this.#state.commit()),
      () => {
        if (this.#state.isGone) this.#explain('gone')
      },
      (error) => {
        this.#explain('store-failed')
        throw error
      },
    )
  }

  /** For a response that we don't see, an error's: a stored session keeps its change, a new one is not begun. */
  async abandon(): Promise<void> {
    if (!this.isPending()) return
    if (this.isStored) await this.commit()
    else this.#explain('no-response')
  }

  /** What to send, once `commit` has resolved. */
  headers(): SessionHeaders {
    return { setCookie: this.#setCookie(), varies: this.isTouched || this.#state.cookie !== 'keep' }
  }

  #setCookie(): string | undefined {
    const { cookie: change } = this.#state
    if (change === 'keep') return undefined
    const { cookie, secure } = this.#manager.options
    const isSecure = secure === 'auto' ? this.#side.isSecure() : secure
    return change === 'set'
      ? cookie.set(this.#manager.cookieValue(this.#state.token), isSecure, this.#state.lifetime)
      : cookie.clear(isSecure)
  }

  #explain(reason: CookieEvent['reason']): void {
    publishCookie({ provider: this.#manager.provider.name, id: this.session.id, reason })
  }
}

const discarded = (): SessionError =>
  new SessionError('SESS_VALUE', 'session = null: expected await session.destroy(), which ends it; got an assignment')
