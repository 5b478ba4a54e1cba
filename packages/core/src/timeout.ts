import type { Awaitable } from './awaitable.js'
import { isPromise } from './awaitable.js'
import { SessionError } from './errors.js'

/**
 * The promise's outcome, or `SESS_TIMEOUT` after `seconds`. What comes later is ignored, a late rejection too.
 * @param doing what is waited for, for the message
 */
export function within<T>(seconds: number, doing: string, promise: Awaitable<T>): Awaitable<T> {
  if (!isPromise(promise)) return promise
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SessionError('SESS_TIMEOUT', `the session store did not answer (${doing}) within ${seconds} s`))
    }, seconds * 1000)
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error as Error)
      },
    )
  })
}
