/**
 * A store of express-session, as far as it is documented, and its callbacks as promises.
 * @module
 */

import { SessionError } from '@sess/core'

/** What a store's methods call back. */
export type Callback<T = void> = (error?: unknown, result?: T) => void

/** A session as express-session hands it to a store: the cookie's attributes beside the data. */
export interface StoredSession {
  /** The attributes of the cookie, from which a store takes the expiry. */
  readonly cookie: object
}

/** The contract of express-session's stores: three methods, and two that we use where they are there. */
export interface ExpressStore {
  /** Calls back with the session; with nothing, or an error whose code is `ENOENT`, when there is none. */
  get(sid: string, callback: Callback<StoredSession | null>): unknown
  /** Writes the session, whether there is one or not. */
  set(sid: string, session: never, callback: Callback): unknown
  /** Removes the session; a missing one is no error. */
  destroy(sid: string, callback: Callback): unknown
  /** Refreshes the expiry, and leaves the data as it is. */
  touch?(sid: string, session: never, callback: Callback): unknown
  /** All sessions: a list, or an object with the ids as names. */
  all?(callback: Callback<object | null>): unknown
}

/** Whether it has the methods without which it is no store. */
export const isStore = (store: unknown): store is ExpressStore =>
  ['get', 'set', 'destroy'].every((name) => typeof (store as ExpressStore | undefined)?.[name as 'get'] === 'function')

/**
 * Calls a method that calls back. A promise that it returns besides counts only when it rejects: some stores resolve
 * theirs before they call back. Whatever is false is no error, as for express-session.
 * @param seconds after which a store that is silent counts as failed
 */
export function ask<T>(seconds: number, call: (callback: Callback<T>) => unknown): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const answer = new Promise<T | undefined>((resolve, reject) => {
    const failed = (error: unknown): void =>
      reject(typeof error === 'object' && error !== null ? (error as Error) : new Error(String(error)))
    timer = setTimeout(() => reject(silent(seconds)), seconds * 1000)
    const returned = call((error, result) => (error ? failed(error) : resolve(result)))
    if (isPromise(returned)) returned.then(undefined, failed)
  })
  return answer.finally(() => clearTimeout(timer))
}

/**
 * `ENOENT` is how stores of files say that there is no such session. Not where they write: there it says that the folder
 * is gone, and nothing was saved.
 */
export function orAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

const silent = (seconds: number): SessionError =>
  new SessionError('SESS_TIMEOUT', `the express-session store did not answer within ${seconds} s`)

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | undefined)?.then === 'function'
}
