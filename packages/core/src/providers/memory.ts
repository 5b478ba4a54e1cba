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
import { RecentMap } from './recent-map.js'

/** Options of {@link memory}; as a config string `max=10000`. */
export interface MemoryProviderOptions {
  /**
   * Sessions kept at most. When there are more, the least recently used goes, and the channel `sess:evict` says so. Which
   * sessions a user has is kept beside them.
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
    options,
    open: (config, { clock }) => new MemoryStorage(maxOf(config), clock),
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

/**
 * Which sessions a user has, stands in a record `~…` that is asked for less often than a session, and would go before
 * it: then nobody could end that session. So these records don't count as sessions, and have a maximum of their own: as
 * many as there are sessions, and this many for users whose sessions went. A session in use writes its record anew each
 * 1/60 of its lifetime; to lose it, more users would have to log in within that time.
 */
const SPARE_INDEXES = 1000

/** The storage of {@link memory}. */
export class MemoryStorage implements Storage {
  readonly isImmediate = true
  readonly #sessions: RecentMap<Entry>
  readonly #indexes: RecentMap<Entry>
  readonly #clock: () => number

  constructor(max: number, clock: () => number) {
    this.#sessions = new RecentMap(max, (id) => publishEvict({ provider: 'memory', id }))
    this.#indexes = new RecentMap(max + SPARE_INDEXES)
    this.#clock = clock
  }

  load(id: string, ttl?: number): Loaded | undefined {
    const entry = this.#living(id)
    if (entry && ttl !== undefined) entry.expiresAt = this.#expiry(ttl)
    if (entry) this.#of(id).use(id, entry)
    return entry
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Version | false {
    if (this.#living(id)?.version !== expected) return false
    this.#of(id).set(id, { data, version: next, expiresAt: this.#expiry(ttl) })
    return next
  }

  touch(id: string, ttl: number): boolean {
    const entry = this.#living(id)
    if (entry) entry.expiresAt = this.#expiry(ttl)
    return entry !== undefined
  }

  remove(id: string): void {
    this.#of(id).delete(id)
  }

  rename(from: string, to: string, ttl: number): boolean {
    const entry = this.#living(from)
    if (!entry) return false
    if (this.#living(to))
      throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { provider: 'memory' })
    this.#of(from).delete(from)
    this.#of(to).set(to, { ...entry, expiresAt: this.#expiry(ttl) })
    return true
  }

  exists(id: string): boolean {
    return this.#living(id) !== undefined
  }

  count(): number {
    const now = this.#clock()
    let count = 0
    for (const [, entry] of this.#sessions.entries()) if (entry.expiresAt > now) count++
    return count
  }

  async sweep(): Promise<number> {
    return (await this.#sweep(this.#sessions)) + (await this.#sweep(this.#indexes))
  }

  async #sweep(map: RecentMap<Entry>): Promise<number> {
    let seen = 0
    let removed = 0
    map.letGo()
    for (const [id, entry] of map.entries()) {
      if (++seen % SWEEP_BATCH === 0) await new Promise(setImmediate)
      if (entry.expiresAt <= this.#clock() && map.delete(id)) removed++
    }
    return removed
  }

  close(): void {
    this.#sessions.clear()
    this.#indexes.clear()
  }

  #of(id: string): RecentMap<Entry> {
    return id.startsWith('~') ? this.#indexes : this.#sessions
  }

  #living(id: string): Entry | undefined {
    const map = this.#of(id)
    const entry = map.get(id)
    if (!entry || entry.expiresAt > this.#clock()) return entry
    map.delete(id)
    return undefined
  }

  #expiry(ttl: number): number {
    return this.#clock() + ttl * 1000
  }
}
