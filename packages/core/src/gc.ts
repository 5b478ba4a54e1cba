/** How far an interval strays, so that the servers of one application don't collect all at once. */
const JITTER = 0.1
/** Milliseconds; a timer that is to wait for longer fires at once. */
const LONGEST = 2_147_483_647

/**
 * Calls `collect` every `interval` seconds, give or take a tenth. Never two at a time, never keeping the process alive;
 * an error is reported and the next round goes as usual.
 */
export class GcTimer {
  readonly #interval: number
  readonly #collect: () => Promise<void>
  readonly #report: (error: Error) => void
  #timer: NodeJS.Timeout | undefined
  #running = false

  constructor(interval: number, collect: () => Promise<void>, report: (error: Error) => void) {
    this.#interval = interval
    this.#collect = collect
    this.#report = report
  }

  /** Starts; a second call changes nothing. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#schedule()
  }

  /** Stops; a round that is under way ends by itself. */
  stop(): void {
    this.#running = false
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (!this.#running) return
    const seconds = this.#interval * (1 - JITTER + 2 * JITTER * Math.random())
    this.#timer = setTimeout(() => void this.#round(), Math.min(seconds * 1000, LONGEST))
    this.#timer.unref?.() // a runtime that has no Node gives a number
  }

  async #round(): Promise<void> {
    try {
      await this.#collect()
    } catch (error) {
      this.#report(error as Error)
    }
    this.#schedule()
  }
}
