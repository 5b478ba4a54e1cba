/**
 * A bound on what is under way at once.
 * @module
 */

/** So many slots; who finds none waits, and the first to come is the first to go on. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Nothing to wait for where a slot is free. Each has to be given back. */
  take(): Promise<void> | undefined {
    if (this.#free === 0) return new Promise((go) => this.#waiting.push(go))
    this.#free--
    return undefined
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
