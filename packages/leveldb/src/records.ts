/**
 * Records as LevelDB's entries: a value, its expiry, and a key by which the sweep finds it; what a change
 * writes of them goes in one batch.
 *
 * A value is the version, a line break, and the record.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Realm } from './database.js'
import type { Operation } from './direct-level.js'
import { decodeMeta, encodeMeta } from './int64.js'
import type { Entry, Facts } from './known.js'
import type { KeyLayout } from './layout.js'
import type { Lease } from './lease.js'

/** The most bytes that a character of JavaScript takes. */
const BYTES_PER_CHARACTER = 3

/** The records of one layout in one directory. All but `remembered`, `inTurn` and `settled` are called in the id's turn. */
export class Records {
  readonly #lease: Lease
  readonly #layout: KeyLayout
  readonly #sync: boolean
  readonly #realm: Realm

  /** @param sync whether each write waits until the disk has it */
  constructor(lease: Lease, layout: KeyLayout, sync: boolean) {
    this.#lease = lease
    this.#layout = layout
    this.#sync = sync
    this.#realm = lease.realm(layout.name)
  }

  /** One after the other for each id. */
  inTurn<T>(ids: readonly string[], fn: () => Promise<T>): Promise<T> {
    return this.#realm.turns.run(ids, fn)
  }

  /** Resolves when what was begun in a turn is over, also by other managers. */
  settled(): Promise<void> {
    return this.#realm.turns.settled()
  }

  /** The record, living or not, if it is in memory with its text. */
  remembered(id: string): Entry | undefined {
    const known = this.#realm.known.get(id)
    return known?.data === undefined ? undefined : (known as Entry)
  }

  /** Version and expiry of the record, living or not. */
  async facts(id: string): Promise<Facts | undefined> {
    return this.#realm.known.get(id) ?? (await this.#read(id))
  }

  /** The record, living or not. */
  async entry(id: string): Promise<Entry | undefined> {
    return this.remembered(id) ?? (await this.#read(id))
  }

  async #read(id: string): Promise<Entry | undefined> {
    const [value, meta] = await this.#lease.getMany([this.#layout.value(id), this.#layout.meta(id)])
    if (!value) return undefined
    const entry = { when: this.#decodeWhen(id, meta), ...this.#parse(id, value.toString()) }
    this.#realm.known.set(id, entry)
    return entry
  }

  #decodeWhen(id: string, meta: Buffer | undefined): number {
    const when = meta ? decodeMeta(meta) : Number.POSITIVE_INFINITY
    if (when !== undefined) return when
    throw this.#error('SESS_CORRUPT', id, 'its expiry is not a number of 8 bytes')
  }

  /** Writes a record in place of the one that is there. */
  async put(id: string, held: Facts | undefined, entry: Entry, also: Operation[] = []): Promise<void> {
    const value: Operation = { type: 'put', key: this.#layout.value(id), value: this.#render(id, entry) }
    await this.write([id], [...also, value, ...this.#expiry(id, held, entry.when)])
    this.#realm.known.set(id, entry)
  }

  /** Gives the record that is there another expiry. */
  async refresh(id: string, held: Facts, when: number): Promise<void> {
    const known = this.#realm.known.get(id)
    await this.write([id], this.#expiry(id, held, when))
    this.#realm.known.set(id, { ...(known ?? held), when })
  }

  #expiry(id: string, held: Facts | undefined, when: number): Operation[] {
    if (held?.when === when) return []
    const meta = this.#layout.meta(id)
    return [
      ...this.#timeRemoval(id, held?.when),
      { type: 'put', key: meta, value: encodeMeta(when) },
      { type: 'put', key: this.#layout.time(id, when), value: meta },
    ]
  }

  /** Removes the record, damaged or not. */
  async remove(id: string): Promise<void> {
    const [value, meta] = await this.#lease.getMany([this.#layout.value(id), this.#layout.meta(id)])
    if (value || meta) await this.write([id], this.removal(id, meta && decodeMeta(meta)))
  }

  /** Moves a record in one step. @param target what is in its way, expired */
  async move(from: string, held: Entry, to: string, target: Facts | undefined, when: number): Promise<void> {
    await this.put(to, target, { ...held, when }, this.removal(from, held.when))
    this.#realm.known.delete(from)
  }

  /** What takes a record away. @param when its expiry, where there is one */
  removal(id: string, when: number | undefined): Operation[] {
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
  async write(ids: readonly string[], operations: Operation[], sync: boolean = this.#sync): Promise<void> {
    for (const id of ids) this.#realm.known.delete(id)
    await this.#lease.write(operations, sync)
  }

  #render(id: string, { version, data }: Entry): string {
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

  #error(code: 'SESS_CORRUPT' | 'SESS_TOO_LARGE', id: string, what: string): SessionError {
    return new SessionError(code, `session ${id}: ${what}`, { provider: this.#lease.provider })
  }
}
