/**
 * What the handlers of one request ask of its session's store.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { isPromise } from './awaitable.js'
import { isOutage } from './errors.js'

export class Asked {
  /** What has no answer yet; each resolves with its error. */
  #underWay: Set<Promise<unknown>> | undefined
  #last: Promise<unknown> | undefined

  get isUnderWay(): boolean {
    return this.#underWay !== undefined && this.#underWay.size > 0
  }

  /** Lets the response wait for something, whether the handler waits or not. */
  track<T>(asked: Promise<T>): Promise<T> {
    const underWay = (this.#underWay ??= new Set())
    const over: Promise<unknown> = asked.then(
      () => void underWay.delete(over),
      (error: unknown) => {
        underWay.delete(over)
        return error
      },
    )
    underWay.add(over)
    return asked
  }

  /**
   * Resolves when all is over; `undefined` when nothing is under way.
   * @throws {SessionError} what the store throws: who did not wait for it is not to get a response as if it had worked
   */
  settled(): Promise<void> | undefined {
    if (!this.isUnderWay) return undefined
    return Promise.all(this.#underWay!).then((errors) => {
      const failure = errors.find(isOutage)
      if (failure) throw failure
    })
  }

  /**
   * Begins what saves, ends or renames the session when the one before is over, whether that failed or not; at once when
   * there is none. A save while the session gets another id would go to the one before, and be lost.
   * @param fn must not wait for what comes in a later turn
   */
  inTurn<T>(fn: () => Awaitable<T>): Awaitable<T> {
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
