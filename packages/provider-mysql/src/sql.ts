/**
 * The statements.
 * @module
 */
import type { Save, Statement, Statements, Update } from '@sess/sql'
import { SWEEP_BATCH } from '@sess/sql'

/** What the statements have to know of a table. */
export interface Table {
  /** Quoted. */
  readonly name: string
  /** The unique index of the key, quoted. */
  readonly keyIndex: string
  /** Whether the key's collation tells `a` from `A`. */
  readonly isCaseSensitive: boolean
  /** Whether a statement that fails leaves nothing behind. */
  readonly isTransactional: boolean
  /** The latest expiry that the column takes; a later one ends then. */
  readonly maxExpiry: number
}

/** By the database's clock, which is one for all servers. A time zone makes no difference. */
const NOW = 'UNIX_TIMESTAMP()'

const MILLISECONDS = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000"

/** An expiry that moves by less than this part of the lifetime stays, so that no index changes. */
const KEPT_PART = 1 / 60

/** How many saves share a statement at most. */
const MAX_SHARED = 32

/** An error in every sql_mode: it is out of range for a BIGINT. */
const REFUSAL = '18446744073709551615 + `expiry`'

export class MysqlSql implements Statements {
  readonly #name: string
  readonly #keyIndex: string
  readonly #isCaseSensitive: boolean
  /** How many saves share a statement at most: none where one that fails could leave a part behind, or take one key for another. */
  readonly #maxShared: number
  readonly #expiry: string
  readonly #nextExpiry: string
  readonly #same: string
  /** The statements for so many keys. */
  readonly #loadText = byLength((length) => this.#textOfLoads(length))
  readonly #createText = byLength((length) => this.#textOfCreates(length))
  readonly #updateText = byLength((length) => this.#textOfUpdates(length))

  constructor({ name, keyIndex, isCaseSensitive, isTransactional, maxExpiry }: Table) {
    this.#name = name
    this.#keyIndex = keyIndex
    this.#isCaseSensitive = isCaseSensitive
    this.#maxShared = isTransactional && isCaseSensitive ? MAX_SHARED : 1
    this.#expiry = `LEAST(${NOW} + ?, ${maxExpiry})`
    this.#nextExpiry = `IF(\`expiry\` BETWEEN ${NOW} + ? AND ${NOW} + ?, \`expiry\`, ${this.#expiry})`
    // The first comparison finds the row by the index, the second one tells it from another in capitals, whatever bytes
    // the column's character set has for a letter.
    this.#same = isCaseSensitive ? '`key` = ?' : '`key` = ? AND CAST(CONVERT(RTRIM(`key`) USING utf8mb4) AS BINARY) = ?'
  }

  /** Who asked knows the very id, so that a row whose key differs in case is nobody's. */
  load(ids: readonly string[]): Statement {
    const keys = filledUp(ids)
    return { text: this.#loadText(keys.length), values: keys }
  }

  /** With a limit of its own, since `sql_select_limit` would leave rows out without a word. */
  #textOfLoads(length: number): string {
    return (
      `SELECT \`key\`, \`data\`, CAST(\`expiry\` AS SIGNED) - CAST(${NOW} AS SIGNED) FROM ${this.#name} ` +
      `WHERE \`key\` IN (${marks(length)}) AND \`expiry\` > ${NOW} LIMIT ${length}`
    )
  }

  create(save: Save): Statement {
    return this.createAll([save])
  }

  /** The version is another one in each row, so that no second look at the key is needed. */
  update({ id, data, ttl, version }: Update): Statement {
    const text =
      `UPDATE ${this.#name} SET \`data\` = ?, \`expiry\` = ${this.#nextExpiry} ` +
      `WHERE \`key\` = ? AND \`expiry\` > ${NOW} AND SUBSTRING(\`data\`, 1, ${version.length}) = ?`
    return { text, values: [data, ...kept(ttl), id, version] }
  }

  /** In lengths of powers of two, since each length is a prepared statement of its own. */
  createGroups(saves: readonly Save[]): readonly (readonly Save[])[] {
    return divided(saves, (left) => 2 ** Math.floor(Math.log2(Math.min(left, this.#maxShared))))
  }

  /** Of any length: {@link MysqlSql.updateAll} fills them up. */
  updateGroups(updates: readonly Update[]): readonly (readonly Update[])[] {
    return divided(updates, () => this.#maxShared)
  }

  createAll(saves: readonly Save[]): Statement {
    const values: unknown[] = []
    for (const { id, data, ttl } of saves) values.push(id, data, ttl)
    return { text: this.#createText(saves.length), values }
  }

  #textOfCreates(length: number): string {
    const rows = Array.from({ length }, () => `(?, ?, ${this.#expiry})`)
    return `INSERT INTO ${this.#name} (\`key\`, \`data\`, \`expiry\`) VALUES ${rows.join(', ')}`
  }

  /**
   * All of them or none: it fails on a row of another version, and does nothing where one is gone. The expiry comes
   * first, since it looks at what `data` was. Nothing gets to an ELSE: it gives the values the type of their column. The
   * index makes it lock these rows alone, in the order of the keys: the server would rather go through a small table, or
   * another index of it, and then two such statements could wait for each other.
   */
  updateAll(updates: readonly Update[]): Statement {
    const filled = filledUp(updates)
    const ids = filled.map(({ id }) => id)
    const values: unknown[] = []
    for (const { id, version, ttl } of filled) values.push(id, version.length, version, ...kept(ttl))
    for (const [n, { id, data }] of filled.entries()) values.push(id, n < updates.length ? data : NOTHING)
    values.push(...ids, ...ids, updates.length)
    return { text: this.#updateText(ids.length), values }
  }

  #textOfUpdates(length: number): string {
    const byKey = (column: string, then: string): string =>
      `\`${column}\` = CASE \`key\` ${`WHEN ? THEN ${then} `.repeat(length)}ELSE \`${column}\` END`
    const table = `${this.#name} FORCE INDEX (${this.#keyIndex})`
    const living = `\`key\` IN (${marks(length)}) AND \`expiry\` > ${NOW}`
    return (
      `UPDATE ${table} SET ` +
      `${byKey('expiry', `IF(SUBSTRING(\`data\`, 1, ?) = ?, ${this.#nextExpiry}, ${REFUSAL})`)}, ${byKey('data', '?')} ` +
      `WHERE ${living} AND ` +
      `(SELECT n FROM (SELECT COUNT(*) AS n FROM ${table} WHERE ${living} FOR UPDATE) AS held) = ?`
    )
  }

  touch(id: string, ttl: number): Statement {
    const text = `UPDATE ${this.#name} SET \`expiry\` = ${this.#expiry} WHERE ${this.#same} AND \`expiry\` > ${NOW}`
    return { text, values: [ttl, ...this.#id(id)] }
  }

  remove(id: string): Statement {
    return { text: `DELETE FROM ${this.#name} WHERE ${this.#same}`, values: this.#id(id) }
  }

  removeExpired(id: string): Statement {
    return { text: `DELETE FROM ${this.#name} WHERE \`key\` = ? AND \`expiry\` <= ${NOW}`, values: [id] }
  }

  rename(from: string, to: string, ttl: number, until: number): Statement {
    const text =
      `UPDATE ${this.#name} SET \`key\` = ?, \`expiry\` = ${this.#expiry} ` +
      `WHERE ${this.#same} AND \`expiry\` > ${NOW} AND ${MILLISECONDS} < ?`
    return { text, values: [to, ttl, ...this.#id(from), until] }
  }

  now(): Statement {
    return { text: `SELECT ${MILLISECONDS}`, values: [] }
  }

  exists(id: string): Statement {
    return { text: `SELECT 1 FROM ${this.#name} WHERE ${this.#same} AND \`expiry\` > ${NOW}`, values: this.#id(id) }
  }

  count(): Statement {
    const text = `SELECT COUNT(*) FROM ${this.#name} WHERE \`expiry\` > ${NOW} AND \`key\` NOT LIKE '~%'`
    return { text, values: [] }
  }

  /** A read that locks nothing. */
  findExpired(): Statement {
    const text = `SELECT \`key\` FROM ${this.#name} WHERE \`expiry\` <= ${NOW} LIMIT ${SWEEP_BATCH}`
    return { text, values: [] }
  }

  /** By the key, so that rows are locked in the order in which an UPDATE locks them, and no gaps between them. */
  removeAllExpired(ids: readonly string[]): Statement {
    const keys = filledUp(ids)
    const text = `DELETE FROM ${this.#name} WHERE \`key\` IN (${marks(keys.length)}) AND \`expiry\` <= ${NOW}`
    return { text, values: keys }
  }

  #id(id: string): unknown[] {
    return this.#isCaseSensitive ? [id] : [id, Buffer.from(id)]
  }
}

/** Between which times to live the expiry stays, and the new one. */
const kept = (ttl: number): number[] => [ttl - Math.floor(ttl * KEPT_PART), ttl, ttl]

/** @param lengthOf how many of those that are left go together, at most */
function divided<T>(items: readonly T[], lengthOf: (left: number) => number): readonly (readonly T[])[] {
  const groups: (readonly T[])[] = []
  for (let at = 0; at < items.length; ) groups.push(items.slice(at, (at += lengthOf(items.length - at))))
  return groups
}

/** To a power of two, by the last one again: each length is a prepared statement of its own. */
function filledUp<T>(items: readonly T[]): readonly T[] {
  const length = 2 ** Math.ceil(Math.log2(items.length))
  return [...items, ...Array.from({ length: length - items.length }, () => items.at(-1)!)]
}

/** The data of a row that is named again: the first WHEN counts. */
const NOTHING = Buffer.alloc(0)

const marks = (length: number): string => Array.from({ length }, () => '?').join(', ')

/** Makes the text for each length once. */
function byLength(textOf: (length: number) => string): (length: number) => string {
  const texts = new Map<number, string>()
  return (length) => {
    const text = texts.get(length) ?? textOf(length)
    texts.set(length, text)
    return text
  }
}
