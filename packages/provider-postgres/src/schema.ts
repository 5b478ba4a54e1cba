/**
 * The table: what ours looks like, and whether the one that is there will do.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Database } from '@sess/sql'
import { parseTableName } from '@sess/sql'
import type { Settings } from './options.js'
import type { Table } from './sql.js'

/** Bytes that all identifiers are cut to. */
const MAX_NAME = 63
const MAX_INTEGER = 2_147_483_647
/** Where the year has more than four digits. */
const MAX_BIGINT = 253_402_300_799

/**
 * The SQL that makes the table of the sessions.
 * @param table its name, or schema and name with a dot between them
 * @throws {OptionError} `SESS_OPTION` on what is no name of a table
 */
export function createTableSql(table = 'session'): string {
  const parts = parseTableName(table, MAX_NAME)
  const name = quoted(parts)
  const index = quoted([`${parts.at(-1)!.slice(0, 40)}_expiry`])
  return `CREATE TABLE ${name} (
  "key"    VARCHAR(64) COLLATE "C" PRIMARY KEY,
  "data"   BYTEA NOT NULL,
  "expiry" BIGINT NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX ${index} ON ${name} ("expiry");`
}

/** Safe whatever the parts are, though they were checked as well. */
const quoted = (parts: readonly string[]): string => parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')

/** A table that will do. */
export interface CheckedTable extends Table {
  readonly keyLength: number
}

/**
 * Looks whether the table is there and will do, and makes it if that was asked for.
 * @param idLength characters that its keys have to take
 * @throws {SessionError} `SESS_STORE`, with the SQL that has to be run
 */
export async function prepareTable(database: Database, settings: Settings, idLength: number): Promise<CheckedTable> {
  const name = quoted(settings.table)
  const sql = createTableSql(settings.table.join('.'))
  let found = await look(database, name)
  if (!found.exists && settings.createTable) {
    await create(database, name, sql)
    found = await look(database, name)
  }
  if (!found.exists) throw unfit(`there is no table ${name}; createTable: true would make it, and so does`, sql)
  return checked(name, found, idLength)
}

/** Several servers may start at once: who comes second finds it. */
async function create(database: Database, name: string, sql: string): Promise<void> {
  try {
    await database.run({ text: sql, values: [] }, true)
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    if (!EXISTS.has(code)) throw unfit(`table ${name} could not be made (${message}); what was tried is`, sql, error)
  }
}

/** The table, or, where two make it at the same moment, an entry of the catalog. */
const EXISTS: ReadonlySet<string> = new Set(['42P07', '42710', '23505'])

interface Found {
  readonly exists: boolean
  readonly columns: ReadonlyMap<string, { type: string; length: number }>
  readonly isUnique: boolean
  readonly missing: readonly string[]
  readonly user: string
}

const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

const CATALOG = `SELECT a.attname::text, t.typname::text, (a.atttypmod - 4)::text,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL
    AND i.indkey::text = a.attnum::text)::text,
  concat_ws(',', ${PRIVILEGES.map((p) => `CASE WHEN NOT has_table_privilege(a.attrelid, '${p}') THEN '${p}' END`).join(', ')}),
  quote_ident(current_user)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped`

async function look(database: Database, name: string): Promise<Found> {
  const { rows } = await database.run({ text: CATALOG, values: [name] }, true)
  const columns = new Map(
    rows.map(([column, type, length]) => [String(column), { type: String(type), length: Number(length) }]),
  )
  const [, , , , missing = '', user = ''] = rows[0] ?? []
  return {
    exists: rows.length > 0,
    columns,
    isUnique: rows.some(([column, , , isUnique]) => column === 'key' && isUnique === 'true'),
    missing: String(missing).split(',').filter(Boolean),
    user: String(user),
  }
}

function checked(name: string, { columns, isUnique, missing, user }: Found, idLength: number): CheckedTable {
  const [key, data, expiry] = [columns.get('key'), columns.get('data'), columns.get('expiry')]
  const alter = `ALTER TABLE ${name} ALTER COLUMN`
  if (missing.length > 0) {
    const grant = `GRANT ${PRIVILEGES.join(', ')} ON ${name} TO ${user};`
    throw unfit(`the user may not ${missing.join(', ')} in table ${name}; somebody who may has to run`, grant)
  }
  if (!key || !data || !expiry)
    throw unfit(`table ${name} needs the columns key, data and expiry, as here`, createTableSql())
  const length = key.length > 0 ? key.length : Number.MAX_SAFE_INTEGER
  if (!['bpchar', 'varchar', 'text'].includes(key.type) || length < idLength) {
    throw unfit(`column key of ${name} is narrower than idLength, or no text`, `${alter} "key" TYPE varchar(64);`)
  }
  if (!isUnique) throw unfit(`column key of ${name} has to be unique`, `ALTER TABLE ${name} ADD PRIMARY KEY ("key");`)
  if (data.type !== 'bytea') {
    throw unfit(`column data of ${name} has to be bytea`, `${alter} "data" TYPE bytea USING NULL;`)
  }
  if (expiry.type !== 'int4' && expiry.type !== 'int8') {
    throw unfit(`column expiry of ${name} has to be bigint or integer`, `${alter} "expiry" TYPE bigint USING 0;`)
  }
  const keyType = key.type === 'bpchar' ? 'bpchar' : 'text'
  return { name, keyType, keyLength: length, maxExpiry: expiry.type === 'int4' ? MAX_INTEGER : MAX_BIGINT }
}

const unfit = (problem: string, sql: string, cause?: unknown): SessionError =>
  new SessionError('SESS_STORE', `provider postgres: ${problem}:\n\n${sql}\n`, { provider: 'postgres', cause })
