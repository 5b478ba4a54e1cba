/**
 * What happens, for logs and metrics: channels of `node:diagnostics_channel`. Nobody subscribed: nothing is spent.
 * @module
 */
import type { Channel, TracingChannel } from 'node:diagnostics_channel'
import type { Awaitable } from './awaitable.js'
import { findBuiltin } from './builtin.js'

/** The context object of the tracing channels `sess:load`, `sess:commit`, `sess:destroy`, `sess:regenerate`, `sess:gc`. */
export interface SessionEvent {
  /** The provider's name. */
  readonly provider: string
  /** The session's id, which is safe to log; absent for `sess:gc`. */
  readonly id?: string
  /** How it ended, from `asyncEnd` on: found, missing, saved, unchanged, moved, gone, done, failed. */
  outcome?: string
  /** Milliseconds it took, from `asyncEnd` on. */
  duration?: number
}

/** The message of `sess:cookie`: why a session was changed and no cookie could be set. */
export interface CookieEvent {
  /** The provider's name. */
  readonly provider: string
  /** The session's id, which is safe to log. */
  readonly id: string
  /**
   * `headers-sent`: the change came after the response had begun. `gone`: another request ended the session.
   * `store-failed`: the store did not confirm. `no-response`: there is none (a session read by `manager.read`).
   */
  readonly reason: 'headers-sent' | 'gone' | 'store-failed' | 'no-response'
}

/** The message of `sess:evict`: the memory provider was full. */
export interface EvictEvent {
  /** The provider's name. */
  readonly provider: string
  /** The id of the session that made room. */
  readonly id: string
}

/** A channel, looked up when it is first used; none in a runtime that has no channels, where nobody can subscribe. */
type Lazily<T> = () => T | undefined
type Tracing = TracingChannel<unknown, SessionEvent>

function tracing(name: string): Lazily<Tracing> {
  let found: Tracing | undefined
  return () => (found ??= findBuiltin('diagnostics_channel')?.tracingChannel(name) as Tracing | undefined)
}

function channel(name: string): Lazily<Channel> {
  let found: Channel | undefined
  return () => (found ??= findBuiltin('diagnostics_channel')?.channel(name))
}

export const loadChannel: Lazily<Tracing> = tracing('sess:load')
export const commitChannel: Lazily<Tracing> = tracing('sess:commit')
export const destroyChannel: Lazily<Tracing> = tracing('sess:destroy')
export const regenerateChannel: Lazily<Tracing> = tracing('sess:regenerate')
export const gcChannel: Lazily<Tracing> = tracing('sess:gc')
const cookieChannel = channel('sess:cookie')
const evictChannel = channel('sess:evict')

/** Runs `fn` inside a tracing channel. `outcomeOf` is asked only when somebody listens. */
export function traced<T>(
  channel: Lazily<Tracing>,
  event: SessionEvent,
  fn: () => Awaitable<T>,
  outcomeOf: (result: T) => string,
): Awaitable<T> {
  const found = channel()
  return found && hasSubscribers(found) ? found.tracePromise(() => timed(event, fn, outcomeOf), event) : fn()
}

async function timed<T>(event: SessionEvent, fn: () => Awaitable<T>, outcomeOf: (result: T) => string): Promise<T> {
  const start = performance.now()
  event.outcome = 'failed'
  try {
    const result = await fn()
    event.outcome = outcomeOf(result)
    return result
  } finally {
    event.duration = performance.now() - start
  }
}

/** `TracingChannel.hasSubscribers` is younger than Node 20.0. */
function hasSubscribers({ start, end, asyncStart, asyncEnd, error }: Tracing): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  )
}

export function publishCookie(event: CookieEvent): void {
  const found = cookieChannel()
  if (found?.hasSubscribers) found.publish(event)
}

export function publishEvict(event: EvictEvent): void {
  const found = evictChannel()
  if (found?.hasSubscribers) found.publish(event)
}
