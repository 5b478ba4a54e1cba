/**
 * The table: what ours looks like, and whether the one that is there will do.
 * @module
 */
import type { Database } from '@sess/sql'
import { OR_ANOTHER, parseTableName, unfitFor } from '@sess/sql'
import type { Found } from './catalog.js'
import { look, lookForSchema, PRIVILEGES, quoted } from './catalog.js'
import type { Settings } from './options.js'
import type { Table } from './sql.js'

const unfit = unfitFor('postgres')

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
  const name = quoted(parseTableName(table, MAX_NAME))
  return `CREATE TABLE ${name} (
  "key"    VARCHAR(64) COLLATE "C" PRIMARY KEY,
  "data"   BYTEA NOT NULL,
  "expiry" BIGINT NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX ON ${name} ("expiry");`
}

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
  const found = (await look(database, name)) ?? (await made(database, settings))
  return checked(name, found, idLength)
}

async function made(database: Database, { table, createTable }: Settings): Promise<Found> {
  const name = quoted(table)
  const { hidden, isSchemaMissing, user } = await lookForSchema(database, table)
  if (hidden) {
    const grant = `GRANT USAGE ON SCHEMA ${hidden} TO ${user};`
    throw unfit(
      `the user may not see into schema ${hidden}, where table ${name} is; somebody who may has to run`,
      grant,
    )
  }
  const sql = `${isSchemaMissing ? `CREATE SCHEMA ${quoted(table.slice(0, 1))};\n` : ''}${createTableSql(table.join('.'))}`
  if (!createTable) throw unfit(`there is no table ${name}; createTable: true would make it, and so does`, sql)
  const failure = await create(database, createTableSql(table.join('.')))
  const found = await look(database, name) // several servers may start at once: who comes second finds it
  if (found) return found
  const cause = failure ?? new Error('it is gone again')
  throw unfit(`table ${name} could not be made (${cause.message}); what was tried is`, sql, cause)
}

/** Gives what went wrong. */
async function create(database: Database, sql: string): Promise<Error | undefined> {
  try {
    await database.run({ text: sql, values: [] }, true)
    return undefined
  } catch (error) {
    return error as Error
  }
}

function checked(name: string, found: Found, idLength: number): CheckedTable {
  const { columns, user } = found
  const alter = `ALTER TABLE ${name}`
  if (found.missing.length > 0) {
    const grant = `GRANT ${PRIVILEGES.join(', ')} ON ${name} TO ${user};`
    throw unfit(`the user may not ${found.missing.join(', ')} in table ${name}; somebody who may has to run`, grant)
  }
  if (found.barred.length > 0) {
    const barred = `row-level security of table ${name} lets user ${user} ${found.barred.join(', ')} nothing`
    throw unfit(`${barred}; somebody who may has to run`, `CREATE POLICY sess ON ${name} TO ${user} USING (true);`)
  }
  const [key, data, expiry] = [columns.get('key'), columns.get('data'), columns.get('expiry')]
  if (!key || !data || !expiry) {
    const missing = Object.keys(COLUMNS).filter((column) => !columns.has(column))
    const adding = missing.map((column) => `ADD COLUMN "${column}" ${COLUMNS[column]}`).join(', ')
    throw unfit(`table ${name} needs the columns key, data and expiry${key ? '' : OR_ANOTHER}`, `${alter} ${adding};`)
  }
  const length = key.length > 0 ? key.length : Number.MAX_SAFE_INTEGER
  if (!['bpchar', 'varchar', 'text'].includes(key.type) || length < idLength) {
    const sql = `${alter} ALTER COLUMN "key" TYPE varchar(64);`
    throw unfit(`column key of ${name} is narrower than idLength, or no text`, sql)
  }
  if (!found.isUnique || found.deferrable.length > 0) {
    const drop = found.deferrable.map((constraint) => `DROP CONSTRAINT ${constraint}, `).join('')
    throw unfit(`column key of ${name} has to be unique, and not DEFERRABLE`, `${alter} ${drop}ADD UNIQUE ("key");`)
  }
  if (data.type !== 'bytea') {
    throw unfit(`column data of ${name} has to be bytea`, retyped(alter, 'data', `bytea USING ''::bytea`))
  }
  if (expiry.type !== 'int4' && expiry.type !== 'int8') {
    throw unfit(`column expiry of ${name} has to be bigint or integer`, retyped(alter, 'expiry', 'bigint USING 0'))
  }
  checkOthers(alter, name, columns)
  const keyType = key.type === 'bpchar' ? 'bpchar' : 'text'
  return { name, keyType, keyLength: length, maxExpiry: expiry.type === 'int4' ? MAX_INTEGER : MAX_BIGINT }
}

/** As they can be added to rows that are there: expired, and of nobody. */
const COLUMNS: Readonly<Record<string, string>> = {
  key: 'VARCHAR(64) COLLATE "C" UNIQUE',
  data: 'BYTEA',
  expiry: 'BIGINT NOT NULL DEFAULT 0',
}

/** A default of the old type would have to be cast as well. */
const retyped = (alter: string, column: string, type: string): string =>
  `${alter} ALTER COLUMN "${column}" DROP DEFAULT, ALTER COLUMN "${column}" TYPE ${type};`

/** No row of ours has a value for them. */
function checkOthers(alter: string, name: string, columns: Found['columns']): void {
  for (const [column, { isRequired, primaryKey }] of columns) {
    if (!isRequired || column in COLUMNS) continue
    const drop = primaryKey && `DROP CONSTRAINT ${primaryKey}, `
    const sql = `${alter} ${drop}ALTER COLUMN ${quoted([column])} DROP NOT NULL;`
    throw unfit(`column ${quoted([column])} of ${name} must do without a value`, sql)
  }
}
