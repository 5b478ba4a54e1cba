/** What a time key says. */
export interface Due {
  /** The session's id. */
  readonly id: string
  /** Unix seconds. */
  readonly when: number
}

/** From `gte`, included, to `lt`, excluded. */
export interface KeyRange {
  /** The first key. */
  readonly gte: Buffer
  /** The key after the last. */
  readonly lt: Buffer
}

/**
 * Where a record's three entries lie: its value, its expiry (a signed 64-bit number, little-endian, unix seconds), and
 * a key that sorts by expiry and whose value is the expiry's key. This is all in which LedisDB and nodb differ.
 */
export interface KeyLayout {
  /** Distinguishes layouts and database numbers within one directory. */
  readonly name: string
  /** Bytes of the longest value that the other programs take. */
  readonly maxValueBytes: number
  /** The key of the record's value. */
  value(id: string): Buffer
  /** The key of its expiry. */
  meta(id: string): Buffer
  /** The key that sorts by expiry. */
  time(id: string, when: number): Buffer
  /** The keys of all values. */
  readonly values: KeyRange
  /** The time keys up to a second, it included. Other data of these programs may lie among them. */
  timesUntil(when: number): KeyRange
  /** The id in a key out of `values`; `undefined` when it is not a session's. */
  parseValue(key: Buffer): string | undefined
  /** What a key out of `timesUntil` says; `undefined` when it is not about a session. */
  parseTime(key: Buffer): Due | undefined
}

const ID = /^[A-Za-z0-9_~-]{1,64}$/

/** The rest of a key as a session's id; `undefined` when it is something else that lies beside the sessions. */
export function idAt(key: Buffer, start: number): string | undefined {
  const id = key.toString('latin1', start)
  return ID.test(id) ? id : undefined
}
