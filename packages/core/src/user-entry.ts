/**
 * What a user's index says of one session, and until when that can be true.
 * @module
 */

/** As it is stored: times in milliseconds. */
export interface Entry {
  readonly created: number
  readonly seen: number
  readonly label: string
  /** Seconds, where the session lives for longer than `maxLifetime`. */
  readonly lifetime?: number
  /** Somebody is about to destroy the session. */
  readonly ended?: true
}

/** Whether a value is one that core wrote. */
export function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { created, seen, label, lifetime = 0 } = value as Record<string, unknown>
  return [created, seen, lifetime].every(Number.isFinite) && typeof label === 'string'
}

/** One session of a user. */
export interface UserSession {
  /** Its id: what `session.id` says, and `manager.destroy` takes. */
  readonly id: string
  /** When the user logged in. */
  readonly createdAt: Date
  /** When it was last used, exact to 1/60 of the lifetime. */
  readonly lastSeen: Date
  /** What the application said at log-in, such as device and address; empty when nothing. */
  readonly label: string
}

export const sessionOf = (id: string, { created, seen, label }: Entry): UserSession => ({
  id,
  createdAt: new Date(created),
  lastSeen: new Date(seen),
  label,
})

/** Seconds; an `absoluteLifetime` of 0 is none. */
export interface Lifetimes {
  readonly maxLifetime: number
  readonly absoluteLifetime: number
}

/** Milliseconds that a log-in may take. */
const YOUNG = 60_000
/** `seen` may be 1/60 of a lifetime old, and clocks differ; the index itself lives a tenth longer too. */
const MARGIN = 1.1

/** An entry comes before its session: a young one without is about to have it. */
export const isYoung = (entry: Entry, now: number): boolean => now - entry.seen <= YOUNG

/** Whether no request is given the session any more, be it still in the store. */
export const isTooOld = ({ created }: Entry, now: number, { absoluteLifetime }: Lifetimes): boolean =>
  absoluteLifetime > 0 && now - created >= absoluteLifetime * 1000

/** Whether the session can't be in the store any more: nobody used it for longer than it lives. */
export const isExpired = ({ seen, lifetime }: Entry, now: number, { maxLifetime }: Lifetimes): boolean =>
  now - seen > (lifetime ?? maxLifetime) * 1000 * MARGIN + YOUNG
