/**
 * The times at which expiry is looked at, far enough from the moments of which a store may differ.
 * @module
 */
import type { Fixture } from './fixture.js'

/** Seconds, counted from the last use of the session. */
export interface Lifetime {
  /** The lifetime itself. */
  readonly seconds: number
  /** It must still be alive. */
  readonly near: number
  /** It must be gone. */
  readonly over: number
}

/** What a slow machine or a slow store may cost, in seconds. */
const SLACK = 0.6

/** Short, but such that a session used at `near` is alive at `over`, even on a store of whole seconds. */
export function lifetimeFor({ options: { granularity } }: Fixture): Lifetime {
  const seconds = 2 + 3 * Math.ceil(granularity)
  return { seconds, near: seconds - granularity - SLACK, over: seconds + granularity + SLACK }
}
