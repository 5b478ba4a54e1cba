import { SessionError } from '@sess/core'

/** Milliseconds for which one report of lost connections is enough. */
const SILENCE = 60_000

/** Tells the operator of connections that were lost while nobody used them: of an outage once, not once for each. */
export class Alarm {
  readonly #provider: string
  readonly #report: (error: Error) => void
  #last = Number.NEGATIVE_INFINITY

  constructor(provider: string, report: (error: Error) => void) {
    this.#provider = provider
    this.#report = report
  }

  /** A listener for a pool's `error` events: an unheard one would end the process. */
  readonly ring = (cause: Error): void => {
    if (performance.now() - this.#last < SILENCE) return
    this.#last = performance.now()
    const message = `provider ${this.#provider} lost a connection: ${cause.message}`
    this.#report(new SessionError('SESS_STORE', message, { cause, provider: this.#provider }))
  }
}
