/**
 * The short way to write a provider: a store only has to load, and to save on condition that nobody else did.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { OptionError, show } from './errors.js'
import type { Provider, ProviderCapabilities, ProviderConfig, ProviderContext } from './provider.js'
import { RecordProvider } from './record-provider.js'

/** What distinguishes two states of one record. Core compares it for equality, and only the store makes sense of it. */
export type Version = string | number | bigint

/** A record as the store holds it. */
export interface Loaded {
  /** The text, exactly as it was saved. */
  data: string
  /** Changes with every save of this id, also across a removal and a new creation. */
  version: Version
  /** When it expires, in milliseconds since the epoch, where the store tells without another round trip. */
  expiresAt?: number
}

/**
 * One text under each id, with a version and an expiry. All times to live are seconds. A failing store throws (or
 * rejects): it never answers "absent" for "don't know". Operations on one id may come in parallel. Whatever is known at
 * once may be answered without a promise.
 */
export interface Storage {
  /** Declared where a store can't do something that others do. */
  readonly capabilities?: Partial<ProviderCapabilities>
  /**
   * Declares that `load` and `save` never answer with a promise, as a store in this process can. Core then needs no
   * queue, no timer and no turn of the event loop for them.
   */
  readonly isImmediate?: boolean
  /**
   * The record; `undefined` when absent or expired.
   * @param ttl when given, the expiry is refreshed in the same round trip
   */
  load(id: string, ttl?: number): Awaitable<Loaded | undefined>
  /**
   * Writes only if the store still holds version `expected`; `undefined` means: only if there is none, or an expired
   * one. False, and nothing written, when it doesn't. `next` is a unique text for the version that this save makes:
   * a store that keeps it as the version, and gives it back, lets core recognise a save whose answer was lost and save
   * again without loading. Gives the new version, or `true` where only the store knows it.
   */
  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Awaitable<Version | boolean>
  /**
   * Optional, for a store that makes a trip of its own to see whether an id is free: saves a new record without looking.
   * Called for ids alone that were drawn of 96 random bits or more and that nobody knows yet; for all others there is
   * `save`. Gives the version, as `save` does.
   */
  insert?(id: string, data: string, ttl: number, next: string): Awaitable<Version | true>
  /** Refreshes the expiry; false when there is no such record. Never creates one. */
  touch(id: string, ttl: number): Awaitable<boolean>
  /** Removes the record; a missing one is no error. */
  remove(id: string): Awaitable<void>
  /** Moves a record to a free id; false when `from` is absent. Never overwrites: a taken `to` is an error. */
  rename(from: string, to: string, ttl: number): Awaitable<boolean>
  /** Whether a living record has this id. Refreshes nothing. */
  exists(id: string): Awaitable<boolean>
  /** How many records are alive, without those whose id starts with `~`, which are core's own. */
  count(): Awaitable<number>
  /** For stores without an expiry of their own: removes what expired, in batches, and gives how many. */
  sweep?(): Awaitable<number>
  /** Gives back connections and handles. */
  close?(): Awaitable<void>
}

/** What {@link defineProvider} takes. */
export interface StorageDefinition {
  /** The provider's name, for messages and events. */
  name: string
  /** What the provider's function was given: then it is the config, and the manager's has to be none. */
  options?: object | undefined
  /**
   * Opens the storage. A wrong config throws at once, before the first wait, so that it is an error at start; an
   * unreachable store rejects, and `open` is called again later.
   */
  open(config: ProviderConfig, context: ProviderContext): Awaitable<Storage>
}

/**
 * Makes a {@link Provider} of a storage: keys and values, merging, tracking of changes, refreshing, all the same for
 * every store. A storage that is there already, and needs no config, can be given as it is.
 *
 * @example
 * ```ts
 * export const mystore = (): Provider => defineProvider({ name: 'mystore', open: (config) => new MyStorage(config) })
 * registerProvider('mystore', mystore)
 * ```
 * @throws {OptionError} `SESS_OPTION` on what is neither
 */
export function defineProvider(definition: StorageDefinition | Storage): Provider {
  const { load, open, name } = ((definition as unknown) ?? {}) as Partial<Storage & StorageDefinition>
  if (typeof load === 'function') return new RecordProvider({ name: 'custom', open: () => definition as Storage })
  if (typeof open === 'function' && typeof name === 'string') return new RecordProvider(definition as StorageDefinition)
  throw new OptionError('definition', 'a storage, or { name, open } with a function that opens one', show(definition))
}
