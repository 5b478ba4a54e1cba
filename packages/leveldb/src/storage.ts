/**
 * Sessions in LevelDB, read and written one by one. {@link Walks} has what goes over all of them.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Awaitable, Loaded, ProviderContext, Storage, Version } from '@sess/core'
import type { Entry } from './known.js'
import type { KeyLayout } from './layout.js'
import { Lease } from './lease.js'
import { Records } from './records.js'
import { Walks } from './walks.js'

/** What {@link openLevelStorage} takes. */
export interface LevelStorageOptions {
  /** The provider's name, for messages. */
  provider: string
  /** The directory of LevelDB's files. It is made when missing. */
  directory: string
  /** Where a record's entries lie. */
  layout: KeyLayout
  /** Whether each write waits until the disk has it. */
  sync: boolean
}

/**
 * Opens the directory, or joins those of this process who have it open.
 * @throws {SessionError} `SESS_STORE` when another process has it or it can't be opened; `SESS_CORRUPT` when it is
 *   damaged
 */
export async function openLevelStorage(
  options: LevelStorageOptions,
  { clock }: Pick<ProviderContext, 'clock'>,
): Promise<Storage> {
  return new LevelStorage(await Lease.of(options.directory, options.provider), options, clock)
}

/** An expiry is left as it is while more than this part of the lifetime is ahead: as core does for what is only read. */
const KEPT_PART = 59 / 60

class LevelStorage implements Storage {
  readonly #lease: Lease
  readonly #records: Records
  readonly #walks: Walks
  readonly #clock: () => number

  constructor(lease: Lease, { layout, sync }: LevelStorageOptions, clock: () => number) {
    this.#lease = lease
    this.#records = new Records(lease, layout, sync)
    this.#walks = new Walks(lease, layout, this.#records, clock)
    this.#clock = clock
  }

  /** What is in memory is what the directory holds: nobody else can write there. */
  load(id: string, ttl?: number): Awaitable<Loaded | undefined> {
    const entry = ttl === undefined && this.#lease.isOpen ? this.#records.remembered(id) : undefined
    return entry ? this.#loaded(entry) : this.#read(id, ttl)
  }

  async #read(id: string, ttl: number | undefined): Promise<Loaded | undefined> {
    if (ttl !== undefined && !(await this.touch(id, ttl))) return undefined
    const entry = await this.#inTurn([id], () => this.#records.entry(id))
    return entry && this.#loaded(entry)
  }

  #loaded({ version, data, when }: Entry): Loaded | undefined {
    if (!this.#isLiving(when)) return undefined
    return { version, data, expiresAt: when === Number.POSITIVE_INFINITY ? this.#clock() : when * 1000 }
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Promise<Version | false> {
    return this.#inTurn([id], async () => {
      const held = await this.#records.facts(id)
      const version = held && this.#isLiving(held.when) ? held.version : undefined
      if (version !== expected) return false
      await this.#records.put(id, held, { version: next, when: this.#renewed(held?.when, ttl), data })
      return next
    })
  }

  /** To look for the id would be one more trip to the thread pool. */
  insert(id: string, data: string, ttl: number, next: string): Promise<Version> {
    return this.#inTurn([id], async () => {
      await this.#records.put(id, undefined, { version: next, when: this.#expiry(ttl), data })
      return next
    })
  }

  touch(id: string, ttl: number): Promise<boolean> {
    return this.#inTurn([id], async () => {
      const held = await this.#records.facts(id)
      if (!held || !this.#isLiving(held.when)) return false
      const when = this.#expiry(ttl)
      if (when !== held.when) await this.#records.refresh(id, held, when)
      return true
    })
  }

  remove(id: string): Promise<void> {
    return this.#inTurn([id], () => this.#records.remove(id))
  }

  rename(from: string, to: string, ttl: number): Promise<boolean> {
    return this.#inTurn([from, to], async () => {
      const held = await this.#records.entry(from)
      if (!held || !this.#isLiving(held.when)) return false
      const target = await this.#records.facts(to)
      if (from === to || (target && this.#isLiving(target.when))) {
        throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { provider: this.#lease.provider })
      }
      await this.#records.move(from, held, to, target, this.#expiry(ttl))
      return true
    })
  }

  async exists(id: string): Promise<boolean> {
    const facts = await this.#inTurn([id], () => this.#records.facts(id))
    return facts !== undefined && this.#isLiving(facts.when)
  }

  count(): Promise<number> {
    return this.#walks.count()
  }

  sweep(): Promise<number> {
    return this.#walks.sweep()
  }

  /** What is under way is done before. */
  async close(): Promise<void> {
    await this.#walks.stop()
    await this.#records.settled()
    await this.#lease.end()
  }

  #inTurn<T>(ids: readonly string[], fn: () => Promise<T>): Promise<T> {
    return this.#records.inTurn(ids, fn)
  }

  /** Rounded down, since LevelDB's kin count whole seconds and a session must not live longer. */
  #expiry(ttl: number): number {
    return Math.floor(this.#clock() / 1000 + ttl)
  }

  /** The expiry of a record that is saved again: one that hardly moved stays, and its entries are not written. */
  #renewed(held: number | undefined, ttl: number): number {
    const when = this.#expiry(ttl)
    const isKept = held !== undefined && held <= when && held - this.#clock() / 1000 > ttl * KEPT_PART
    return isKept ? held : when
  }

  #isLiving(when: number): boolean {
    return when * 1000 > this.#clock()
  }
}
