import { BoundedMap } from './bounded-map.js'

/** Ids that are kept at most; one that is forgotten costs one refresh more than needed. */
const MAX_ENTRIES = 100_000

/** Which ids this process refreshed lately, for stores that don't tell when a record expires. */
export class RefreshMemory {
  readonly #clock: () => number
  readonly #interval: number
  readonly #times = new BoundedMap<number>(MAX_ENTRIES)

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
    this.#times.set(id, this.#clock())
  }
}
