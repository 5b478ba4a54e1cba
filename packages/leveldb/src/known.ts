import { BoundedMap } from '@sess/core'

/** What a record's entries say, but for its text. */
export interface Facts {
  readonly version: string
  /** Unix seconds at which it ends; infinite for one that another program wrote without an expiry. */
  readonly when: number
}

/** A record with its expiry. */
export interface Entry extends Facts {
  readonly data: string
}

/** What is remembered of a record: of a long one, not its text. */
type Remembered = Facts & { readonly data?: string }

/** Characters that are remembered in all; an entry by itself counts for some. */
const MAX = 16 * 1024 * 1024
const MAX_TEXT = 64 * 1024
const ENTRY = 200

/**
 * Remembers records in use, which only this process can change while it has the directory open: reading one of them
 * again asks nothing of LevelDB, and saving it only the write. Version and expiry of a long one are remembered without
 * its text. Changed only in the id's turn, so that it is what the database holds.
 */
export class Known {
  readonly #records = new BoundedMap<Remembered>(MAX, ({ data }) => ENTRY + (data?.length ?? 0))

  get(id: string): Remembered | undefined {
    return this.#records.get(id)
  }

  set(id: string, { version, when, data }: Remembered): void {
    const isLong = data === undefined || data.length > MAX_TEXT
    this.#records.set(id, isLong ? { version, when } : { version, when, data })
  }

  delete(id: string): void {
    this.#records.delete(id)
  }

  clear(): void {
    this.#records.clear()
  }
}
