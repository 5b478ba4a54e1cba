/**
 * Values that may be there at once. A store in this process answers without a promise, and then neither a turn of the
 * event loop nor a timer is spent on it.
 * @module
 */

/** A value, or the promise of one. */
export type Awaitable<T> = T | Promise<T>

export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}

/** Starts something, and goes on with what it gives, or with what it throws or rejects with: now, or when it is known. */
export function attempt<T, U>(
  start: () => Awaitable<T>,
  done: (value: T) => Awaitable<U>,
  failed: (error: unknown) => Awaitable<U>,
): Awaitable<U> {
  let value: Awaitable<T>
  try {
    value = start()
  } catch (error) {
    return failed(error)
  }
  return isPromise(value) ? value.then(done, failed) : done(value)
}

/** Goes on with a value, now or when it is known. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value)
}
