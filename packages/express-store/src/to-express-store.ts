/**
 * A manager of `@sess` as a store of express-session.
 * @module
 */
import { createRequire } from 'node:module'
import { OptionError } from '@sess/core'
import type { Manager } from '@sess/core'
import type { Request } from 'express'
import type { SessionData, Store } from 'express-session'
import { ExpressSessions } from './express-sessions.js'
import type { Callback, ExpressStore, StoredSession } from './store.js'
import { isStore } from './store.js'

/** Options of {@link toExpressStore}. */
export interface ToExpressStoreOptions {
  /**
   * The store that express-session had before. A session that is only there is moved when its visitor comes, so that
   * nobody is logged out by the change of stores. @default none
   */
  previous?: ExpressStore
}

/**
 * A store for express-session, on any provider. The manager's `maxLifetime` counts, and the cookie's `maxAge` where that
 * is shorter. Values are what JSON makes of them, as in other stores.
 *
 * It keeps the promises of `@sess` where the contract of express-session lets it: requests at once keep each other's
 * changes of different keys, a session that was ended stays ended, the store holds a hash of the session id.
 *
 * It has `get`, `set`, `touch`, `destroy` and `length`, but neither `all` nor `clear`: providers don't list sessions. It
 * never says `disconnect`, since express-session would then serve everybody without a session; an error goes to `next`.
 *
 * @throws {OptionError} `SESS_OPTION` when what is given is no manager, `previous` no store, or an option unknown
 *
 * @example
 * ```ts
 * const manager = createManager({ provider: 'redis', providerConfig: 'addr=127.0.0.1:6379', maxLifetime: 86_400 })
 * app.use(session({ store: toExpressStore(manager, { previous: oldStore }), secret, resave: false, saveUninitialized: false }))
 * ```
 */
export function toExpressStore(manager: Manager, options: ToExpressStoreOptions = {}): Store {
  if (typeof manager?.identityOf !== 'function') {
    throw new OptionError('manager', 'what createManager gave, or sessions.manager', typeof manager)
  }
  const previous = previousOf(options)
  const sessions = new ExpressSessions(manager, previous)
  const { Store: Base } = createRequire(import.meta.url)('express-session') as { Store: typeof Store }

  /** Made here, so that express-session is needed by nobody who only calls `fromExpressStore`. */
  class ManagerStore extends Base {
    override get(sid: string, callback: Callback<SessionData | undefined>): void {
      answer(sessions.get(sid) as Promise<SessionData | undefined>, callback)
    }

    override set(sid: string, session: SessionData, callback?: Callback): void {
      answer(sessions.set(sid, session as StoredSession), callback)
    }

    override touch(sid: string, session: SessionData, callback?: Callback): void {
      answer(sessions.touch(sid, session as StoredSession), callback)
    }

    override destroy(sid: string, callback?: Callback): void {
      answer(sessions.destroy(sid), callback)
    }

    override length(callback: Callback<number>): void {
      answer(sessions.count(), callback)
    }

    override createSession(req: Request, data: SessionData): ReturnType<Store['createSession']> {
      const session = super.createSession(req, data)
      sessions.follow(data, session)
      return session
    }
  }

  return new ManagerStore()
}

/** A wrong one would log out everybody whose session has not moved yet. */
function previousOf({ previous, ...others }: ToExpressStoreOptions): ExpressStore | undefined {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new OptionError('options', 'previous, and no other', `"${unknown}"`)
  if (previous == null) return undefined // JavaScript may have null
  if (isStore(previous)) return previous
  throw new OptionError('previous', 'an express-session store, with get, set and destroy', typeof previous)
}

/** Out of the promise: what a callback throws is not a rejection. Whom nobody calls back, the process's warnings tell. */
function answer<T>(promise: Promise<T>, callback: Callback<T> = tellFailure): void {
  promise.then(
    (result) => process.nextTick(callback, null, result),
    (error: unknown) => process.nextTick(callback, error),
  )
}

function tellFailure(error: unknown): void {
  if (error) process.emitWarning(error as Error)
}
