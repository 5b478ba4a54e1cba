import { BoundedMap } from '@sess/core'

/** What a record's entries say, but for its text. */
export interface Facts {
  readonly version: string
  /** Unix seconds at which it ends; infinite for one that another program wrote without an expiry. */
  readonly when: number
}

/** Records of which the facts are remembered, at about 200 bytes each. */
const MAX = 20_000

/**
 * Remembers versions and expiries, which only this process can change while it has the directory open: a read then
 * gets one entry instead of two, and a write none.
 */
export class Known {
  readonly #facts = new BoundedMap<Facts>(MAX)

  get(id: string): Facts | undefined {
    return this.#facts.get(id)
  }

  /** Only in the id's turn, so that it is what the database holds. */
  set(id: string, facts: Facts): void {
    this.#facts.set(id, facts)
  }

  delete(id: string): void {
    this.#facts.delete(id)
  }

  clear(): void {
    this.#facts.clear()
  }
}
