/**
 * What the layers above the contract use: a provider and stores that can do everything. {@link RecordProvider} is one
 * by birth; {@link adoptProvider} makes one of any implementation of the contract.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import type { ValueCipher } from './cipher.js'
import type { Provider, ProviderCapabilities, ProviderConfig, ProviderContext, RawStore } from './provider.js'

/**
 * What `release` came to. `moved`: the session has another id by now, and nothing was written; the change is still to be
 * released, by the store of that id.
 */
export type ReleaseOutcome = 'unchanged' | 'saved' | 'gone' | 'moved'

export interface ManagedStore extends RawStore {
  keys(): Iterable<string>
  has(key: string): boolean
  /** Deletes all keys, but those that are spared. */
  flush(spared?: readonly string[]): void
  /**
   * Changes a key by a function of the value it has at the moment of saving; it may be called again when somebody else
   * saved first, so it only computes. Takes effect at `release`.
   * @param mayRepeat whether it comes to the same where it was done already: where a release fails, the next one tries it
   * again; others are given up, since they could count twice
   * @returns what gives, after that, the value that the function came to when it was saved
   */
  apply(key: string, fn: (value: unknown) => unknown, mayRepeat?: boolean): () => unknown
  /**
   * Whether `release` has anything to do.
   * @param looksInside whether objects that were changed in place are to be found, which takes time
   */
  isPending(looksInside: boolean): boolean
  /** The same as `release`; nothing to wait for where the store answers at once. */
  commit(): Awaitable<void>
  /** Hands what is not yet released over to another store; used when the id changes. */
  moveTo(other: ManagedStore): void
  /** Gives up what is not yet released, since the session is gone. */
  drop(): void
  /** What the last `release` came to. */
  readonly outcome: ReleaseOutcome
}

/** What the manager lends to what core made, beyond what it lends to any provider. */
export interface ManagedContext extends ProviderContext {
  /** Encrypts what is stored, where `encryptionKey` is set. */
  readonly cipher?: ValueCipher | undefined
}

export interface ManagedProvider {
  readonly madeBy: '@sess/core'
  readonly name: string
  readonly capabilities: ProviderCapabilities
  /** Whether a session can live longer than `maxLifetime`. */
  readonly keepsLifetimes: boolean
  init(maxLifetime: number, config: ProviderConfig, context: ManagedContext): Promise<void>
  /** The same as the contract's `open`; nothing to wait for where the store answers at once. */
  find(id: string): Awaitable<ManagedStore | undefined>
  /** @param isDrawn whether the id has just been drawn at random, so that nobody can have it */
  create(id: string, isDrawn?: boolean): ManagedStore
  exist(id: string): Promise<boolean>
  destroy(id: string): Promise<void>
  regenerate(oldId: string, id: string): Promise<ManagedStore>
  /**
   * The session of `from` goes on under `to`, a free id, with `added` in it; under `from` stays `left` alone, for
   * `seconds`. Others see both at once. False when there is no session under `from`.
   */
  handOver(
    from: string,
    to: string,
    added: Record<string, unknown>,
    left: Record<string, unknown>,
    seconds: number,
  ): Promise<boolean>
  count(): Promise<number>
  gc(): Promise<void>
  close(): Promise<void>
}

/** All that a provider can promise, and what those of `@sess` do. */
export const FULL_CAPABILITIES: ProviderCapabilities = { count: true, merge: true, gone: true, values: true }

/** Recognises also what another copy of the package made (ESM beside CommonJS). */
export function isManagedProvider(provider: Provider | ManagedProvider): provider is ManagedProvider {
  return (provider as Partial<ManagedProvider>).madeBy === '@sess/core'
}
