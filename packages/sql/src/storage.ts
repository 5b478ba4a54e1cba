/**
 * A storage of one table with the columns `key`, `data` and `expiry`. Each operation is one statement that commits by
 * itself: nothing is locked between two statements, and MyISAM does as well as InnoDB.
 * @module
 */
import { Gathering, OptionError, SessionError } from '@sess/core'
import type { Loaded, ProviderContext, Storage, Version } from '@sess/core'
import type { Database, Save, Statement, Statements, Update } from './database.js'
import { SharedSaves } from './shared-saves.js'
import type { Data } from './versioned-text.js'
import { parseVersioned, versionedText, versionPart } from './versioned-text.js'

/** The part of `storeTimeout` in which a session has to have its new id: core gives up soon after. */
const IN_TIME = 0.9

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
  readonly context: ProviderContext
}

/** A row as it came: `data`, and the seconds it has left by the database's clock. */
interface Row {
  readonly data: Data
  readonly left: number
}

export class SqlStorage implements Storage {
  readonly #parts: SqlStorageParts
  readonly #loads = new Gathering((ids: readonly string[]) => this.#fetch(ids))
  readonly #creates: SharedSaves<Save>
  readonly #updates: SharedSaves<Update>

  constructor(parts: SqlStorageParts) {
    this.#parts = parts
    const { sql } = parts
    this.#creates = new SharedSaves(parts, {
      groupsOf: (saves) => sql.createGroups(saves),
      together: (saves) => sql.createAll(saves),
      repeatable: false, // a lost one that arrives late would bring back what was ended meanwhile
      alone: (save) => this.#create(save),
    })
    this.#updates = new SharedSaves(parts, {
      groupsOf: (updates) => sql.updateGroups(updates),
      together: (updates) => sql.updateAll(updates),
      repeatable: true,
      alone: (update, repeated) => this.#update(update, repeated),
    })
  }

  /** Core never asks for a refresh, since it is told the expiry. */
  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    this.#checkLength(id)
    if (ttl !== undefined && !(await this.touch(id, ttl))) return undefined
    const row = await this.#loads.ask(id)
    if (!row) return undefined
    const { version, data } = parseVersioned(id, row.data, this.#parts.provider)
    return { version, data, expiresAt: this.#parts.context.clock() + row.left * 1000 }
  }

  async #fetch(ids: readonly string[]): Promise<readonly (Row | undefined)[]> {
    const { rows } = await this.#run(this.#parts.sql.load([...new Set(ids)]), true)
    const found = new Map<string, Row>()
    for (const [key, data, left] of rows) found.set(String(key).trimEnd(), { data: data as Data, left: Number(left) })
    return ids.map((id) => found.get(id))
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
    const seconds = wholeSeconds(ttl)
    const saved =
      expected === undefined
        ? this.#creates.save({ id, data: text, ttl: seconds })
        : this.#updates.save({ id, data: text, ttl: seconds, version: versionPart(String(expected)) })
    return (await saved) && next
  }

  /** A key that is taken may be so by ourselves, in an attempt of which nobody knew. */
  async #create(save: Save): Promise<boolean> {
    return (await this.#claim(save.id, this.#parts.sql.create(save), false)) || this.#isAsSaved(save)
  }

  /** @param repeated whether it may have been done already: then the row is as we wrote it */
  async #update(update: Update, repeated: boolean): Promise<boolean> {
    const answer = await this.#run(this.#parts.sql.update(update), true)
    return answer.changed > 0 || ((repeated || answer.repeated) && this.#isAsSaved(update))
  }

  /** No other save has our version. */
  async #isAsSaved({ id, data }: Save): Promise<boolean> {
    const row = await this.#loads.ask(id)
    return row !== undefined && Buffer.from(row.data ?? '').equals(data)
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
    const until = await this.#deadline()
    const rename = this.#parts.sql.rename(from, to, wholeSeconds(ttl), until)
    if (await this.#claim(to, rename, true, () => taken(to, this.#parts))) return true
    if (await this.exists(from)) throw late(from, this.#parts)
    return false
  }

  /**
   * Until when a new id may be given, by the database's clock: what reaches it later, since it was paused or the network
   * was, would take the id away that the visitor was left with.
   */
  async #deadline(): Promise<number> {
    const begun = performance.now()
    const { rows } = await this.#run(this.#parts.sql.now(), true)
    const left = this.#parts.context.storeTimeout * IN_TIME * 1000 - (performance.now() - begun)
    return Math.floor(Number(rows[0]![0]) + left)
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
    const { rows } = await this.#parts.database.runUnhurried(this.#parts.sql.count())
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

const late = (id: string, { provider }: SqlStorageParts): Error =>
  new SessionError('SESS_STORE', `session ${id}: the database was asked for another id, and was too late`, { provider })

/** Rounded down, so that no session outlives its time; but one of a single second would end at once. */
const wholeSeconds = (ttl: number): number => Math.max(2, Math.floor(ttl))
