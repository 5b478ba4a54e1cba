/**
 * The provider `memory`: sessions in this process, gone with it. The default, and the one to study.
 * @module
 */
import { checkWholeNumber, parseKeyValues, parseWholeNumber, rejectUnknownKey } from '../config-string.js'
import { SessionError } from '../errors.js'
import { publishEvict } from '../events.js'
import type { Provider, ProviderConfig } from '../provider.js'
import { defineProvider } from '../storage.js'
import type { Loaded, Storage, Version } from '../storage.js'

/** Options of {@link memory}; as a config string `max=10000`. */
export interface MemoryProviderOptions {
  /**
   * Sessions kept at most. When there are more, the least recently used goes, and the channel `sess:evict` says so.
   * @default no limit
   */
  max?: number
}

/**
 * Sessions in the memory of this process.
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function memory(options?: MemoryProviderOptions): Provider {
  return defineProvider({
    name: 'memory',
    open: (config, { clock }) => new MemoryStorage(maxOf(options ?? config), clock),
  })
}

function maxOf(config: ProviderConfig): number {
  if (typeof config === 'string') {
    const max = parseKeyValues('memory', config, ['max']).get('max')
    return max === undefined ? Number.POSITIVE_INFINITY : parseWholeNumber('max', max, 1)
  }
  for (const key of Object.keys(config)) rejectUnknownKey('memory', key, ['max'])
  const { max } = config as MemoryProviderOptions
  if (max === undefined) return Number.POSITIVE_INFINITY
  checkWholeNumber('max', max, 1, Number.MAX_SAFE_INTEGER)
  return max
}

/** How many entries a sweep looks at before it lets others work. */
const SWEEP_BATCH = 500

interface Entry {
  readonly data: string
  readonly version: Version
  expiresAt: number
}

/** The storage of {@link memory}. */
export class MemoryStorage implements Storage {
  readonly isImmediate = true
  /** Least recently used first, where a maximum is set. */
  readonly #entries = new Map<string, Entry>()
  /** Goes on from the last eviction, since all before it is gone: a new iterator would pass each gap again. */
  #oldest: MapIterator<string> | undefined
  readonly #max: number
  readonly #clock: () => number

  constructor(max: number, clock: () => number) {
    this.#max = max
    this.#clock = clock
  }

  load(id: string, ttl?: number): Loaded | undefined {
    const entry = this.#living(id)
    if (entry && ttl !== undefined) entry.expiresAt = this.#expiry(ttl)
    if (entry && this.#max !== Number.POSITIVE_INFINITY) this.#put(id, entry)
    return entry
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Version | false {
    if (this.#living(id)?.version !== expected) return false
    this.#put(id, { data, version: next, expiresAt: this.#expiry(ttl) })
    return next
  }

  touch(id: string, ttl: number): boolean {
    const entry = this.#living(id)
    if (entry) entry.expiresAt = this.#expiry(ttl)
    return entry !== undefined
  }

  remove(id: string): void {
    this.#entries.delete(id)
  }

  rename(from: string, to: string, ttl: number): boolean {
    const entry = this.#living(from)
    if (!entry) return false
    if (this.#living(to))
      throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { provider: 'memory' })
    this.#entries.delete(from)
    this.#put(to, { ...entry, expiresAt: this.#expiry(ttl) })
    return true
  }

  exists(id: string): boolean {
    return this.#living(id) !== undefined
  }

  count(): number {
    const now = this.#clock()
    let count = 0
    for (const [id, entry] of this.#entries) if (entry.expiresAt > now && !id.startsWith('~')) count++
    return count
  }

  async sweep(): Promise<number> {
    let seen = 0
    let removed = 0
    this.#oldest = undefined // while it rests, it keeps the entries that were there when it moved last
    for (const [id, entry] of this.#entries) {
      if (++seen % SWEEP_BATCH === 0) await new Promise(setImmediate)
      if (entry.expiresAt <= this.#clock() && this.#entries.delete(id)) removed++
    }
    return removed
  }

  close(): void {
    this.#entries.clear()
  }

  #living(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    if (!entry || entry.expiresAt > this.#clock()) return entry
    this.#entries.delete(id)
    return undefined
  }

  #expiry(ttl: number): number {
    return this.#clock() + ttl * 1000
  }

  /** Where a maximum is set: puts the entry at the end, and drops what is too much at the front. */
  #put(id: string, entry: Entry): void {
    if (this.#max !== Number.POSITIVE_INFINITY) this.#entries.delete(id)
    this.#entries.set(id, entry)
    while (this.#entries.size > this.#max) this.#evictOldest()
  }

  #evictOldest(): void {
    this.#oldest ??= this.#entries.keys()
    const id = this.#oldest.next().value! // there is one: it is called when there are too many
    this.#entries.delete(id)
    publishEvict({ provider: 'memory', id })
  }
}
