/**
 * Records in LevelDB: a value, its expiry, and a key by which the sweep finds it, always written in one batch.
 *
 * A value is the version, a line break, and the record.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Loaded, ProviderContext, Storage, Version } from '@sess/core'
import type { Operation, Realm } from './database.js'
import { decodeMeta, encodeMeta } from './int64.js'
import type { Facts } from './known.js'
import type { Due, KeyLayout } from './layout.js'
import { Lease } from './lease.js'

/** What {@link openLevelStorage} takes. */
export interface LevelStorageOptions {
  /** The provider's name, for messages. */
  provider: string
  /** The directory of LevelDB's files. It is made when missing. */
  directory: string
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

/** A record with its expiry in unix seconds. */
interface Entry extends Facts {
  readonly data: string
}

/** The most bytes that a character of JavaScript takes. */
const BYTES_PER_CHARACTER = 3

class LevelStorage implements Storage {
  readonly #lease: Lease
  readonly #layout: KeyLayout
  readonly #sync: boolean
  readonly #clock: () => number
  readonly #realm: Realm
  #isClosed = false
  #sweeping: Promise<number> | undefined

  constructor(lease: Lease, { layout, sync }: LevelStorageOptions, clock: () => number) {
    this.#lease = lease
    this.#layout = layout
    this.#sync = sync
    this.#clock = clock
    this.#realm = lease.realm(layout.name)
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    if (ttl !== undefined && !(await this.touch(id, ttl))) return undefined
    const known = this.#realm.known.get(id)
    const record = known ? await this.#readKnown(id, known) : await this.#inTurn([id], () => this.#read(id))
    if (!record || !this.#isLiving(record.when)) return undefined
    const { version, data, when } = record
    return { version, data, expiresAt: when === Number.POSITIVE_INFINITY ? this.#clock() : when * 1000 }
  }

  /** What was written meanwhile is given with the expiry that it had: core may refresh it too early, that's all. */
  async #readKnown(id: string, { when }: Facts): Promise<Entry | undefined> {
    if (!this.#isLiving(when)) return undefined
    const text = await this.#lease.getText(this.#layout.value(id))
    return text === undefined ? undefined : { ...this.#parse(id, text), when }
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Promise<Version | false> {
    return this.#inTurn([id], async () => {
      const held = await this.#facts(id)
      const version = held && this.#isLiving(held.when) ? held.version : undefined
      if (version !== expected) return false
      await this.#put(id, held, { version: next, when: this.#expiry(ttl) }, this.#render(id, next, data))
      return next
    })
  }

  touch(id: string, ttl: number): Promise<boolean> {
    return this.#inTurn([id], async () => {
      const held = await this.#facts(id)
      if (!held || !this.#isLiving(held.when)) return false
      const when = this.#expiry(ttl)
      if (when !== held.when) await this.#put(id, held, { ...held, when })
      return true
    })
  }

  remove(id: string): Promise<void> {
    return this.#inTurn([id], async () => {
      const [value, meta] = await this.#lease.getMany([this.#layout.value(id), this.#layout.meta(id)])
      if (value || meta) await this.#write([id], this.#removal(id, meta && decodeMeta(meta)))
    })
  }

  rename(from: string, to: string, ttl: number): Promise<boolean> {
    return this.#inTurn([from, to], async () => {
      const held = await this.#facts(from)
      const text = held && this.#isLiving(held.when) ? await this.#lease.getText(this.#layout.value(from)) : undefined
      if (held === undefined || text === undefined) return false
      const target = await this.#facts(to)
      if (from === to || (target && this.#isLiving(target.when)))
        throw this.#error('SESS_CONFLICT', to, 'the id is taken')
      const facts = { ...held, when: this.#expiry(ttl) }
      await this.#put(to, target, facts, text, this.#removal(from, held.when))
      this.#realm.known.delete(from)
      return true
    })
  }

  async exists(id: string): Promise<boolean> {
    const facts = this.#realm.known.get(id) ?? (await this.#inTurn([id], () => this.#read(id)))
    return facts !== undefined && this.#isLiving(facts.when)
  }

  /** All values, less those whose time keys are due. */
  async count(): Promise<number> {
    let count = 0
    for await (const keys of this.#lease.keys(this.#layout.values)) {
      for (const key of keys) if (isSession(this.#layout.parseValue(key))) count++
    }
    for await (const due of this.#due()) {
      const metas = await this.#metas(due)
      count -= due.filter(({ id, when }, i) => metas[i] === when && isSession(id)).length
    }
    return count
  }

  sweep(): Promise<number> {
    this.#sweeping = this.#sweep()
    return this.#sweeping
  }

  async #sweep(): Promise<number> {
    let removed = 0
    for await (const due of this.#due()) {
      if (this.#isClosed) break
      removed += await this.#removeDue(due)
    }
    return removed
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#sweeping?.catch(() => undefined) // who called it is told
    await this.#lease.end()
  }

  /** Looks at the expiries again in the turns of all these ids: one that was refreshed loses only its old time key. */
  #removeDue(due: Due[]): Promise<number> {
    const ids = due.map(({ id }) => id)
    return this.#inTurn(ids, async () => {
      const metas = await this.#metas(due)
      let removed = 0
      const operations = due.flatMap(({ id, when }, i): Operation[] => {
        if (metas[i] !== when) return [{ type: 'del', key: this.#layout.time(id, when) }]
        removed++
        return this.#removal(id, when)
      })
      await this.#write(ids, operations, false)
      return removed
    })
  }

  /** What is due now by its time key, the earliest first, in batches. */
  async *#due(): AsyncGenerator<Due[]> {
    const range = this.#layout.timesUntil(Math.floor(this.#clock() / 1000))
    for await (const keys of this.#lease.keys(range)) {
      const due = keys.map((key) => this.#layout.parseTime(key)).filter((entry) => entry !== undefined)
      if (due.length > 0) yield due
    }
  }

  async #metas(due: Due[]): Promise<(number | undefined)[]> {
    const metas = await this.#lease.getMany(due.map(({ id }) => this.#layout.meta(id)))
    return metas.map((meta) => meta && decodeMeta(meta))
  }

  #inTurn<T>(ids: readonly string[], fn: () => Promise<T>): Promise<T> {
    return this.#realm.turns.run(ids, fn)
  }

  /** In the id's turn, living or not. */
  async #facts(id: string): Promise<Facts | undefined> {
    return this.#realm.known.get(id) ?? (await this.#read(id))
  }

  /** In the id's turn, so that what is remembered is what the database holds. */
  async #read(id: string): Promise<Entry | undefined> {
    const [value, meta] = await this.#lease.getMany([this.#layout.value(id), this.#layout.meta(id)])
    if (!value) return undefined
    const entry = { ...this.#parse(id, value.toString()), when: this.#decodeWhen(id, meta) }
    this.#realm.known.set(id, { version: entry.version, when: entry.when })
    return entry
  }

  #decodeWhen(id: string, meta: Buffer | undefined): number {
    const when = meta ? decodeMeta(meta) : Number.POSITIVE_INFINITY
    if (when !== undefined) return when
    throw this.#error('SESS_CORRUPT', id, 'its expiry is not a number of 8 bytes')
  }

  /** Writes the entries of a record in place of those that are there; the value only where there is a new one. */
  async #put(id: string, held: Facts | undefined, facts: Facts, text?: string, also: Operation[] = []): Promise<void> {
    const meta = this.#layout.meta(id)
    const operations: Operation[] = [...also, ...this.#timeRemoval(id, held?.when)]
    if (text !== undefined) operations.push({ type: 'put', key: this.#layout.value(id), value: text })
    operations.push({ type: 'put', key: meta, value: encodeMeta(facts.when) })
    operations.push({ type: 'put', key: this.#layout.time(id, facts.when), value: meta })
    await this.#write([id], operations)
    this.#realm.known.set(id, facts)
  }

  #removal(id: string, when: number | undefined): Operation[] {
    return [
      { type: 'del', key: this.#layout.value(id) },
      { type: 'del', key: this.#layout.meta(id) },
      ...this.#timeRemoval(id, when),
    ]
  }

  #timeRemoval(id: string, when: number | undefined): Operation[] {
    if (when === undefined || when === Number.POSITIVE_INFINITY) return []
    return [{ type: 'del', key: this.#layout.time(id, when) }]
  }

  /** Forgets what was known of these ids: if the write fails, nobody knows what the database holds. */
  async #write(ids: readonly string[], operations: Operation[], sync: boolean = this.#sync): Promise<void> {
    for (const id of ids) this.#realm.known.delete(id)
    await this.#lease.write(operations, sync)
  }

  /** Rounded down, since LevelDB's kin count whole seconds and a session must not live longer. */
  #expiry(ttl: number): number {
    return Math.floor(this.#clock() / 1000 + ttl)
  }

  #isLiving(when: number): boolean {
    return when * 1000 > this.#clock()
  }

  #render(id: string, version: string, data: string): string {
    const text = `${version}\n${data}`
    const max = this.#layout.maxValueBytes
    if (text.length * BYTES_PER_CHARACTER <= max || Buffer.byteLength(text) <= max) return text
    throw this.#error('SESS_TOO_LARGE', id, `its record has more than ${max} bytes`)
  }

  #parse(id: string, text: string): Pick<Entry, 'version' | 'data'> {
    const end = text.indexOf('\n')
    if (end > 0 && !text.startsWith('{')) return { version: text.slice(0, end), data: text.slice(end + 1) }
    throw this.#error('SESS_CORRUPT', id, 'its value holds no version and record')
  }

  #error(code: 'SESS_CONFLICT' | 'SESS_CORRUPT' | 'SESS_TOO_LARGE', id: string, what: string): SessionError {
    return new SessionError(code, `session ${id}: ${what}`, { provider: this.#lease.provider })
  }
}

/** Records whose id starts with `~` are core's own. */
const isSession = (id: string | undefined): boolean => id !== undefined && !id.startsWith('~')
