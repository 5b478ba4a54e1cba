/**
 * Tells the operator when Couchbase can't be reached: the SDK itself says nothing, it only lets operations fail.
 * @module
 */
import { away, isUnreachable } from './errors.js'

/** Watches every operation, and tells of each outage once. */
export class Alarm {
  readonly #report: (error: Error) => void
  readonly #silence: number
  #isOn = false
  #answered = true
  #lastFailure = Number.NEGATIVE_INFINITY

  /** @param silence milliseconds without a failure after which an outage is over: one node of several may be away */
  constructor(report: (error: Error) => void, silence: number) {
    this.#report = report
    this.#silence = silence
  }

  /** Until then a failure is told to whoever opens the provider. */
  turnOn(): void {
    this.#isOn = true
  }

  /** What fails now, fails since the provider is being closed. */
  turnOff(): void {
    this.#isOn = false
  }

  /** Gives what it was given. */
  watch<T>(operation: Promise<T>): Promise<T> {
    operation.then(this.#onAnswer, this.#onError)
    return operation
  }

  readonly #onAnswer = (): void => void (this.#answered = true)

  /** An error that the server answered with is an answer, too. */
  readonly #onError = (error: unknown): void => {
    if (isUnreachable(error)) this.#fail(error as Error)
    else this.#answered = true
  }

  #fail(error: Error): void {
    const now = performance.now()
    const isNew = this.#answered && now - this.#lastFailure > this.#silence
    this.#lastFailure = now
    this.#answered = false
    if (isNew && this.#isOn) this.#report(away(error))
  }
}
