import type { Awaitable } from './awaitable.js'
import { isPromise } from './awaitable.js'

/** Lets one thing begin when the one before is over, whether that failed or not; at once when nothing is under way. */
export class Queue {
  #last: Promise<unknown> | undefined

  /** What `fn` gives. It must not wait for what comes after it. */
  run<T>(fn: () => Awaitable<T>): Awaitable<T> {
    const result = this.#last ? this.#last.then(fn, fn) : fn()
    if (isPromise(result)) this.#keep(result)
    return result
  }

  #keep(result: Promise<unknown>): void {
    this.#last = result
    const leave = (): void => {
      if (this.#last === result) this.#last = undefined
    }
    result.then(leave, leave)
  }
}
