/** Entries that are kept at most; the oldest go first, and cost one refresh more than needed. */
const MAX_ENTRIES = 100_000

/** Which ids this process refreshed lately, for stores that don't tell when a record expires. */
export class RefreshMemory {
  readonly #clock: () => number
  readonly #interval: number
  /** Oldest first, since an id that is refreshed again goes to the end. */
  readonly #times = new Map<string, number>()

  /** @param interval milliseconds for which a refresh counts */
  constructor(clock: () => number, interval: number) {
    this.#clock = clock
    this.#interval = interval
  }

  isDue(id: string): boolean {
    const time = this.#times.get(id)
    return time === undefined || this.#clock() - time >= this.#interval
  }

  mark(id: string): void {
    const now = this.#clock()
    this.#times.delete(id)
    this.#times.set(id, now)
    for (const [old, time] of this.#times) {
      if (now - time < this.#interval && this.#times.size <= MAX_ENTRIES) break
      this.#times.delete(old)
    }
  }
}
