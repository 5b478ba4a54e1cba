/**
 * The statements.
 * @module
 */
import type { Save, Statement, Statements, Update } from '@sess/sql'
import { SWEEP_BATCH } from '@sess/sql'
import { byteaArray } from './bytea-array.js'

/** What the statements have to know of a table. */
export interface Table {
  /** Quoted. */
  readonly name: string
  /** Keys are compared in the column's own type: else its index is not used. */
  readonly keyType: 'bpchar' | 'text'
  /** The latest expiry that the column takes; a later one ends then. */
  readonly maxExpiry: number
}

/** A statement with what else pg is told of it. */
export interface PostgresStatement extends Statement {
  /** Rows come in PostgreSQL's binary format, in which a text and a BYTEA are what they are: half of what hex takes. */
  readonly binary?: true
}

/** By the database's clock, which is one for all servers. A time zone makes no difference. */
const NOW = 'floor(extract(epoch FROM now()))::bigint'

/** As it is when a row is looked at, not when the statement came. */
const MILLISECONDS = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

export class PostgresSql implements Statements {
  readonly #texts: ReturnType<typeof textsOf>

  constructor(table: Table) {
    this.#texts = textsOf(table)
  }

  load(ids: readonly string[]): PostgresStatement {
    return { text: this.#texts.load, values: [ids], binary: true }
  }

  create({ id, data, ttl }: Save): Statement {
    return { text: this.#texts.create, values: [id, data, ttl] }
  }

  update({ id, data, ttl, version }: Update): Statement {
    return { text: this.#texts.update, values: [id, data, ttl, version] }
  }

  createGroups(saves: readonly Save[]): readonly (readonly Save[])[] {
    return [saves]
  }

  updateGroups(updates: readonly Update[]): readonly (readonly Update[])[] {
    return [updates]
  }

  createAll(saves: readonly Save[]): Statement {
    return { text: this.#texts.createAll, values: columnsOf(saves) }
  }

  updateAll(updates: readonly Update[]): Statement {
    const versions = byteaArray(updates.map(({ version }) => version))
    return { text: this.#texts.updateAll, values: [...columnsOf(updates), versions] }
  }

  touch(id: string, ttl: number): Statement {
    return { text: this.#texts.touch, values: [id, ttl] }
  }

  remove(id: string): Statement {
    return { text: this.#texts.remove, values: [id] }
  }

  removeExpired(id: string): Statement {
    return { text: this.#texts.removeExpired, values: [id] }
  }

  rename(from: string, to: string, ttl: number, until: number): Statement {
    return { text: this.#texts.rename, values: [from, ttl, to, until] }
  }

  now(): Statement {
    return { text: `SELECT (${MILLISECONDS})::text`, values: [] }
  }

  exists(id: string): Statement {
    return { text: this.#texts.exists, values: [id] }
  }

  count(): Statement {
    return { text: this.#texts.count, values: [] }
  }

  sweep(): Statement {
    return { text: this.#texts.sweep, values: [] }
  }
}

const columnsOf = (saves: readonly Save[]): unknown[] => [
  saves.map(({ id }) => id),
  byteaArray(saves.map(({ data }) => data)),
  saves.map(({ ttl }) => ttl),
]

function textsOf({ name, keyType, maxExpiry }: Table) {
  const expiry = (ttl: string): string => `least(${NOW} + ${ttl}, ${maxExpiry})`
  const living = `"key" = $1::${keyType} AND "expiry" > ${NOW}`
  // An expiry that moves by less than 1/60 of the lifetime stays: no indexed column changes, and the new row fits into
  // the page of the old one (a heap-only tuple).
  const nextExpiry = (ttl: string): string =>
    `CASE WHEN "expiry" BETWEEN ${NOW} + ${ttl} - ${ttl} / 60 AND ${NOW} + ${ttl} THEN "expiry" ELSE ${expiry(ttl)} END`
  const isVersion = (version: string): string =>
    `substring(old."data" FROM 1 FOR octet_length(${version})) = ${version}`
  const unlessTaken =
    `ON CONFLICT ("key") DO UPDATE SET "data" = EXCLUDED."data", "expiry" = EXCLUDED."expiry" ` +
    `WHERE old."expiry" <= ${NOW}`
  return {
    load:
      `SELECT "key"::text, "data", ("expiry" - ${NOW})::text FROM ${name} ` +
      `WHERE "key" = ANY($1::${keyType}[]) AND "expiry" > ${NOW}`,
    create:
      `INSERT INTO ${name} AS old ("key", "data", "expiry") ` +
      `VALUES ($1::${keyType}, $2, ${expiry('$3::bigint')}) ${unlessTaken}`,
    createAll:
      `INSERT INTO ${name} AS old ("key", "data", "expiry") SELECT new.id, new.bytes, ${expiry('new.ttl')} ` +
      `FROM unnest($1::${keyType}[], $2::bytea[], $3::bigint[]) AS new (id, bytes, ttl) ${unlessTaken} RETURNING "key"::text`,
    update:
      `UPDATE ${name} AS old SET "data" = $2, "expiry" = ${nextExpiry('$3::bigint')} ` +
      `WHERE ${living} AND ${isVersion('$4::bytea')}`,
    // Waits for nobody, since it holds rows that others may wait for: who finds a row locked asks for it alone.
    updateAll:
      `WITH held AS (SELECT new.id, new.bytes, new.ttl FROM ${name} AS old ` +
      `JOIN unnest($1::${keyType}[], $2::bytea[], $3::bigint[], $4::bytea[]) AS new (id, bytes, ttl, version) ` +
      `ON old."key" = new.id WHERE old."expiry" > ${NOW} AND ${isVersion('new.version')} ` +
      `FOR NO KEY UPDATE OF old SKIP LOCKED) ` +
      `UPDATE ${name} SET "data" = held.bytes, "expiry" = ${nextExpiry('held.ttl')} ` +
      `FROM held WHERE "key" = held.id RETURNING "key"::text`,
    touch: `UPDATE ${name} SET "expiry" = ${expiry('$2::bigint')} WHERE ${living}`,
    remove: `DELETE FROM ${name} WHERE "key" = $1::${keyType}`,
    removeExpired: `DELETE FROM ${name} WHERE "key" = $1::${keyType} AND "expiry" <= ${NOW}`,
    rename: `UPDATE ${name} SET "key" = $3::${keyType}, "expiry" = ${expiry('$2::bigint')} WHERE ${living} AND ${MILLISECONDS} < $4::bigint`,
    exists: `SELECT 1 FROM ${name} WHERE ${living}`,
    count: `SELECT count(*) FROM ${name} WHERE "expiry" > ${NOW} AND "key" NOT LIKE '~%'`,
    // Rows that somebody else is at are left to them. ARRAY(…) is evaluated once, before anything is deleted.
    sweep:
      `DELETE FROM ${name} WHERE "key" = ANY(ARRAY(SELECT "key" FROM ${name} ` +
      `WHERE "expiry" <= ${NOW} LIMIT ${SWEEP_BATCH} FOR UPDATE SKIP LOCKED)) AND "expiry" <= ${NOW}`,
  }
}
