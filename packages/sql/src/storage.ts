/**
 * A storage of one table with the columns `key`, `data` and `expiry`. Each operation is one statement that commits by
 * itself: nothing is locked between two statements, and MyISAM does as well as InnoDB.
 * @module
 */
import { OptionError, SessionError } from '@sess/core'
import type { Loaded, Storage, Version } from '@sess/core'
import type { Database, Statement, Statements } from './database.js'
import { Gathering } from './gathering.js'
import type { Data } from './versioned-text.js'
import { parseVersioned, versionedText, versionPart } from './versioned-text.js'

/** How many expired rows go at a time. */
export const SWEEP_BATCH = 1000

export interface SqlStorageParts {
  readonly provider: string
  readonly database: Database
  readonly sql: Statements
  /** Removes up to {@link SWEEP_BATCH} expired rows. Gives how many, and whether there may be more for us to remove. */
  readonly sweepBatch: () => Promise<{ removed: number; more: boolean }>
  /** The table, for messages. */
  readonly table: string
  /** Characters of the longest key. */
  readonly keyLength: number
  /** Bytes of the longest `data`. */
  readonly maxBytes: number
  /** The application's time, in milliseconds. */
  readonly clock: () => number
}

/** A row as it came: `data`, and the seconds it has left by the database's clock. */
interface Row {
  readonly data: Data
  readonly left: number
}

export class SqlStorage implements Storage {
  readonly #parts: SqlStorageParts
  readonly #loads: Gathering<Row>

  constructor(parts: SqlStorageParts) {
    this.#parts = parts
    this.#loads = new Gathering((ids) => this.#fetch(ids))
  }

  /** Core never asks for a refresh, since it is told the expiry. */
  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    this.#checkLength(id)
    if (ttl !== undefined && !(await this.touch(id, ttl))) return undefined
    const row = await this.#loads.ask(id)
    if (!row) return undefined
    const { version, data } = parseVersioned(id, row.data, this.#parts.provider)
    return { version, data, expiresAt: this.#parts.clock() + row.left * 1000 }
  }

  async #fetch(ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const { rows } = await this.#run(this.#parts.sql.load(ids), true)
    return new Map(rows.map(([key, data, left]) => [String(key).trimEnd(), { data: data as Data, left: Number(left) }]))
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<string | false> {
    this.#checkLength(id)
    const text = versionedText(next, data)
    this.#checkSize(id, text)
    if (expected === undefined) return (await this.#create(id, text, ttl)) ? next : false
    const update = this.#parts.sql.update(id, text, wholeSeconds(ttl), versionPart(String(expected)))
    const { changed, repeated } = await this.#run(update, true)
    if (changed > 0) return next
    return repeated && (await this.load(id))?.version === next ? next : false
  }

  /** Not repeatable: a lost one that arrives late would bring back what was ended meanwhile. */
  #create(id: string, text: Buffer, ttl: number): Promise<boolean> {
    return this.#claim(id, this.#parts.sql.create(id, text, wholeSeconds(ttl)), false)
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    this.#checkLength(id)
    const { changed } = await this.#run(this.#parts.sql.touch(id, wholeSeconds(ttl)), true)
    return changed > 0 || this.exists(id) // MySQL may count only rows that differ from before
  }

  async remove(id: string): Promise<void> {
    this.#checkLength(id)
    await this.#run(this.#parts.sql.remove(id), true)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    this.#checkLength(from)
    this.#checkLength(to)
    return this.#claim(to, this.#parts.sql.rename(from, to, wholeSeconds(ttl)), true, () => taken(to, this.#parts))
  }

  /** Runs a statement that needs a free key, which an expired row is as well. */
  async #claim(id: string, statement: Statement, repeatable: boolean, onTaken?: () => Error): Promise<boolean> {
    for (const isFirst of [true, false]) {
      try {
        const { changed, repeated } = await this.#run(statement, repeatable)
        return changed > 0 || (repeated && (await this.exists(id)))
      } catch (error) {
        if (!this.#parts.database.isDuplicate(error)) throw error
        if (isFirst && (await this.#run(this.#parts.sql.removeExpired(id), true)).changed > 0) continue
        break
      }
    }
    if (onTaken) throw onTaken()
    return false
  }

  async exists(id: string): Promise<boolean> {
    this.#checkLength(id)
    const { rows } = await this.#run(this.#parts.sql.exists(id), true)
    return rows.length > 0
  }

  async count(): Promise<number> {
    const { rows } = await this.#run(this.#parts.sql.count(), true)
    return Number(rows[0]![0])
  }

  async sweep(): Promise<number> {
    for (let total = 0; ; ) {
      const { removed, more } = await this.#parts.sweepBatch()
      total += removed
      if (!more) return total
    }
  }

  close(): Promise<void> {
    return this.#parts.database.close()
  }

  #run(statement: Statement, repeatable: boolean): ReturnType<Database['run']> {
    return this.#parts.database.run(statement, repeatable)
  }

  /** An id that was cut off would be another one's. */
  #checkLength(id: string): void {
    const { keyLength, table } = this.#parts
    if (id.length <= keyLength) return
    const expected = `at most ${keyLength}, since that is the width of column key in table ${table}`
    throw new OptionError('idLength', expected, `an id of ${id.length} characters`)
  }

  #checkSize(id: string, { length }: Buffer): void {
    const { maxBytes, provider } = this.#parts
    if (length <= maxBytes) return
    const message = `session ${id}: its record has ${length} bytes, and column data takes ${maxBytes} at most`
    throw new SessionError('SESS_TOO_LARGE', message, { provider })
  }
}

const taken = (id: string, { provider }: SqlStorageParts): Error =>
  new SessionError('SESS_CONFLICT', `session ${id}: the id is taken`, { provider })

/** Rounded down, so that no session outlives its time; but one of a single second would end at once. */
const wholeSeconds = (ttl: number): number => Math.max(2, Math.floor(ttl))
