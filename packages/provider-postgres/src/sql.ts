/**
 * The statements.
 * @module
 */
import type { Statement, Statements } from '@sess/sql'
import { SWEEP_BATCH } from '@sess/sql'

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

export class PostgresSql implements Statements {
  readonly #texts: ReturnType<typeof textsOf>

  constructor(table: Table) {
    this.#texts = textsOf(table)
  }

  load(ids: readonly string[]): PostgresStatement {
    return { text: this.#texts.load, values: [ids], binary: true }
  }

  create(id: string, data: Buffer, ttl: number): Statement {
    return { text: this.#texts.create, values: [id, data, ttl] }
  }

  update(id: string, data: Buffer, ttl: number, version: Buffer): Statement {
    return { text: this.#texts.update, values: [id, data, ttl, version] }
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

  rename(from: string, to: string, ttl: number): Statement {
    return { text: this.#texts.rename, values: [from, ttl, to] }
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

function textsOf({ name, keyType, maxExpiry }: Table) {
  const expiry = (ttl: string): string => `least(${NOW} + ${ttl}::bigint, ${maxExpiry})`
  const living = `"key" = $1::${keyType} AND "expiry" > ${NOW}`
  return {
    load:
      `SELECT "key"::text, "data", ("expiry" - ${NOW})::text FROM ${name} ` +
      `WHERE "key" = ANY($1::${keyType}[]) AND "expiry" > ${NOW}`,
    create:
      `INSERT INTO ${name} AS old ("key", "data", "expiry") VALUES ($1::${keyType}, $2, ${expiry('$3')}) ` +
      `ON CONFLICT ("key") DO UPDATE SET "data" = EXCLUDED."data", "expiry" = EXCLUDED."expiry" ` +
      `WHERE old."expiry" <= ${NOW}`,
    // An expiry that moves by less than 1/60 of the lifetime stays: no indexed column changes, and the new row fits
    // into the page of the old one (a heap-only tuple).
    update:
      `UPDATE ${name} SET "data" = $2, "expiry" = CASE ` +
      `WHEN "expiry" BETWEEN ${NOW} + $3::bigint - $3::bigint / 60 AND ${NOW} + $3::bigint THEN "expiry" ` +
      `ELSE ${expiry('$3')} END ` +
      `WHERE ${living} AND substring("data" FROM 1 FOR octet_length($4::bytea)) = $4::bytea`,
    touch: `UPDATE ${name} SET "expiry" = ${expiry('$2')} WHERE ${living}`,
    remove: `DELETE FROM ${name} WHERE "key" = $1::${keyType}`,
    removeExpired: `DELETE FROM ${name} WHERE "key" = $1::${keyType} AND "expiry" <= ${NOW}`,
    rename: `UPDATE ${name} SET "key" = $3::${keyType}, "expiry" = ${expiry('$2')} WHERE ${living}`,
    exists: `SELECT 1 FROM ${name} WHERE ${living}`,
    count: `SELECT count(*) FROM ${name} WHERE "expiry" > ${NOW} AND "key" NOT LIKE '~%'`,
    // Rows that somebody else is at are left to them. ARRAY(…) is evaluated once, before anything is deleted.
    sweep:
      `DELETE FROM ${name} WHERE "key" = ANY(ARRAY(SELECT "key" FROM ${name} ` +
      `WHERE "expiry" <= ${NOW} LIMIT ${SWEEP_BATCH} FOR UPDATE SKIP LOCKED)) AND "expiry" <= ${NOW}`,
  }
}
