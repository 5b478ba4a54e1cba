/**
 * The contract between `@sess/core` and the stores.
 *
 * An implementation of {@link Provider} and {@link RawStore} alone is a complete provider: what the optional members
 * would do better, the manager does for it. The shorter way, which every provider of `@sess` takes, is a
 * {@link Storage} and {@link defineProvider}.
 *
 * What holds for all: an id or key that is not found is a value, never an error; a failing backend throws (or rejects);
 * nothing is kept under an id unless somebody released something, and a session that is gone stays gone.
 * @module
 */
import type { Codec } from './codec.js'

/**
 * The data of one session, held for one request. Reads and changes are in memory; `release` persists the change.
 * Keys are any strings: `''`, `__proto__` and 1,000 of them too.
 */
export interface RawStore {
  /** The session's id, as the provider was given it. */
  readonly id: string
  /** The value under `key`, with this request's own changes; `undefined` when there is none. */
  get(key: string): unknown
  /** Sets `key` for this request, and at `release` in the store. Throws `SESS_VALUE` on a value that can't be kept. */
  set(key: string, value: unknown): void
  /** Removes `key`; a missing one is no error. */
  delete(key: string): void
  /** Removes all keys. The session goes on, empty. */
  flush(): void
  /**
   * Persists what this request changed, and resolves when the store has confirmed. Only the keys that were changed are
   * written over: others keep what parallel requests wrote. Nothing changed: nothing is written. The session is gone
   * meanwhile: nothing is written, it resolves. May be called again after further changes.
   */
  release(): Promise<void>
  /** The keys, in the order in which they were first set. Without it the manager keeps a list of its own. */
  keys?(): Iterable<string>
}

/** What a provider is configured with: the documented config string, or the driver's typed options. */
export type ProviderConfig = string | object

/** What the manager lends to a provider. All of it may be ignored by a provider that doesn't need it. */
export interface ProviderContext {
  /** The time in milliseconds since the epoch: what the application set as `clock`, else `Date.now`. */
  readonly clock: () => number
  /** Characters of the ids that the manager gives. */
  readonly idLength: number
  /** Seconds within which a call has to be answered. */
  readonly storeTimeout: number
  /** How values become text. */
  readonly codec: Codec
  /** Tells the operator of a fault that no request can be told of (a failing background task, a damaged file). */
  readonly report: (error: Error) => void
}

/** What a provider says of itself. The conformance kit refuses a claim that does not hold. */
export interface ProviderCapabilities {
  /** `count()` gives the number of living sessions; `false`: it rejects with `SESS_UNSUPPORTED`. */
  readonly count: boolean
  /** Parallel changes of different keys all survive, also those of several processes. */
  readonly merge: boolean
  /** A session that is gone is never brought back, also by another process. */
  readonly gone: boolean
  /** Values come back as they were set (Date, Map, cycles …), not only what JSON can carry. */
  readonly values: boolean
}

/** A store's driver as the manager sees it. Ids are given by the manager: 11 to 64 of `A-Z a-z 0-9 - _ ~`. */
export interface Provider {
  /** For messages and events. */
  readonly name?: string
  /** What this provider declares; all of it where it is missing. */
  readonly capabilities?: Partial<ProviderCapabilities>
  /**
   * Opens the store; called once, before anything else. A wrong `config` throws at once, an unreachable store rejects,
   * and then `init` is called again later.
   * @param maxLifetime seconds after which an untouched session has expired
   */
  init(maxLifetime: number, config: ProviderConfig, context?: ProviderContext): Promise<void>
  /** The session under `id`, which is created when missing or expired. Reading counts as use, and refreshes the expiry. */
  read(id: string): Promise<RawStore>
  /** Whether a living session has this id. Never creates or refreshes one. */
  exist(id: string): Promise<boolean>
  /** Removes the session; a missing one is no error. A request that still holds it can't bring it back. */
  destroy(id: string): Promise<void>
  /**
   * Gives the session of `oldId` the id `id`, data kept. When it resolves the old id is dead, also for requests that
   * hold it. Where `oldId` is missing, the store it gives is a new one, empty. A taken `id` is an error: nothing is
   * ever overwritten.
   */
  regenerate(oldId: string, id: string): Promise<RawStore>
  /** How many sessions of this provider are alive, without those whose id starts with `~`, which are core's own. */
  count(): Promise<number>
  /** Removes what has expired, in batches that let others work. A store with an expiry of its own has nothing to do. */
  gc(): Promise<void>
  /**
   * Optional: the session under `id` if it exists, in one round trip; else `undefined`. Opening and releasing count as
   * use: after both, the expiry is refreshed.
   */
  open?(id: string): Promise<RawStore | undefined>
  /** Optional: a new session, without I/O before `release()`. */
  create?(id: string): RawStore
  /** Optional: gives back connections and handles. Twice is the same as once. */
  close?(): Promise<void>
}

/** Makes an instance of a provider; what {@link registerProvider} registers. */
export type ProviderFactory = () => Provider
