import { BoundedMap } from '@sess/core'

/** Entries that are kept at most; the oldest go first, and cost one read more if they are saved. */
const MAX_ENTRIES = 10_000

/**
 * Which CAS a record had when this process last saw it. Couchbase changes it when a document is touched, so that it
 * can't be the record's version; and it is what Couchbase compares.
 */
export class CasMemory {
  readonly #entries = new BoundedMap<{ readonly name: string; readonly cas: string }>(MAX_ENTRIES)

  set(id: string, name: string, cas: string): void {
    this.#entries.set(id, { name, cas })
  }

  /** Undefined where it is not known for this very version. */
  get(id: string, name: string): string | undefined {
    const entry = this.#entries.get(id)
    return entry?.name === name ? entry.cas : undefined
  }

  delete(id: string): void {
    this.#entries.delete(id)
  }
}
