/**
 * The table: what ours looks like, and whether the one that is there will do.
 * @module
 */
import { OptionError } from '@sess/core'
import type { Database } from '@sess/sql'
import { OR_ANOTHER, parseTableName, unfitFor } from '@sess/sql'
import type { Found } from './catalog.js'
import { look, quoted } from './catalog.js'
import type { Settings } from './options.js'
import type { Table } from './sql.js'

const unfit = unfitFor('mysql')

/** Characters that all identifiers may have. */
const MAX_NAME = 64
/** Where the year has more than four digits. */
const MAX_BIGINT = 253_402_300_799
/** What a statement has beside the data, in bytes, generously. */
const STATEMENT = 4096

/**
 * The SQL that makes the table of the sessions.
 * @param table its name, or database and name with a dot between them
 * @throws {OptionError} `SESS_OPTION` on what is no name of a table
 */
export function createTableSql(table = 'session'): string {
  return `CREATE TABLE IF NOT EXISTS ${quoted(parseTableName(table, MAX_NAME))} (
  \`key\`    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  \`data\`   MEDIUMBLOB NOT NULL,
  \`expiry\` BIGINT NOT NULL,
  PRIMARY KEY (\`key\`),
  KEY \`expiry\` (\`expiry\`)
) ENGINE=InnoDB;`
}

/** A table that will do. */
export interface CheckedTable extends Table {
  readonly keyLength: number
  readonly maxBytes: number
}

/**
 * Looks whether the table is there and will do, and makes it if that was asked for.
 * @param idLength characters that its keys have to take
 * @throws {SessionError} `SESS_STORE`, with the SQL that has to be run
 */
export async function prepareTable(database: Database, settings: Settings, idLength: number): Promise<CheckedTable> {
  const name = quoted(settings.table)
  const found = (await look(database, settings.table)) ?? (await made(database, settings))
  const table = checked(name, found, idLength)
  await checkPrivileges(database, name)
  return table
}

async function made(database: Database, { table, createTable }: Settings): Promise<Found> {
  const name = quoted(table)
  const creation = createTableSql(table.join('.'))
  if (createTable) {
    await database.run({ text: creation, values: [] }, true).catch(async (cause: unknown) => {
      const sql = await curing(database, table, cause)
      throw unfit(`table ${name} could not be made (${(cause as Error).message}); what is needed is`, sql, cause)
    })
    const found = await look(database, table)
    if (found) return found
  }
  const cause = await failureOf(database, `SELECT 1 FROM ${name} WHERE 1 = 0`)
  const sql = await curing(database, table, cause)
  throw unfit(
    `there is no table ${name} that the user may see; createTable: true would make it, and so does`,
    sql,
    cause,
  )
}

/** Who may not look is not told whether there is a table: both is done, as far as it is not. */
async function curing(database: Database, table: readonly string[], cause: unknown): Promise<string> {
  const errno = errnoOf(cause)
  if (errno === NO_DATABASE) throw new OptionError('database', 'one, or table as database.name', 'none')
  const sql = createTableSql(table.join('.'))
  if (table.length > 1 && !(await hasDatabase(database, table[0]!)) && !DENIED.has(errno))
    return `CREATE DATABASE IF NOT EXISTS ${quoted(table.slice(0, 1))};\n${sql}`
  return DENIED.has(errno) ? `${sql}\n${await grantOf(database, quoted(table))}` : sql
}

const NO_DATABASE = 1046
/** In the database, in the table, in one of its columns. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143])

const errnoOf = (error: unknown): number => (error as { errno?: number } | undefined)?.errno ?? 0

async function hasDatabase(database: Database, name: string): Promise<boolean> {
  const text = 'SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?'
  return (await database.run({ text, values: [name] }, true)).rows.length > 0
}

async function failureOf(database: Database, text: string): Promise<Error | undefined> {
  return database.run({ text, values: [] }, true).then(
    () => undefined,
    (error: Error) => error,
  )
}

async function grantOf(database: Database, name: string): Promise<string> {
  const { rows } = await database.run({ text: 'SELECT CURRENT_USER()', values: [] }, true)
  const [, user = '', host = ''] = /^(.*)@(.*)$/s.exec(String(rows[0]![0])) ?? []
  const account = [user, host].map((part) => `'${part.replaceAll("'", "''")}'`).join('@')
  return `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO ${account};`
}

function checked(name: string, found: Found, idLength: number): CheckedTable {
  const { columns, engine, maxPacket } = found
  const [key, data, expiry] = [columns.get('key'), columns.get('data'), columns.get('expiry')]
  const alter = `ALTER TABLE ${name}`
  const modify = `${alter} MODIFY`
  if (!found.commits)
    throw unfit("the pool's connections have autocommit off, and nothing would be saved", 'SET GLOBAL autocommit = 1;')
  if (!key || !data || !expiry) {
    const missing = Object.keys(COLUMNS).filter((column) => !columns.has(column))
    const adding = missing.map((column) => `ADD COLUMN \`${column}\` ${COLUMNS[column]}`).join(', ')
    throw unfit(`table ${name} needs the columns key, data and expiry${key ? '' : OR_ANOTHER}`, `${alter} ${adding};`)
  }
  if (!['char', 'varchar', 'varbinary'].includes(key.type) || key.length < idLength) {
    const type = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL'
    throw unfit(`column key of ${name} is narrower than idLength, or no text`, `${modify} \`key\` ${type};`)
  }
  if (found.keyIndex === undefined)
    throw unfit(`column key of ${name} has to be unique`, `${alter} ADD UNIQUE (\`key\`);`)
  if (!/blob$|^varbinary$/.test(data.type)) {
    throw unfit(`column data of ${name} has to be a BLOB`, `${modify} \`data\` MEDIUMBLOB;`)
  }
  if (expiry.type !== 'int' && expiry.type !== 'bigint') {
    throw unfit(`column expiry of ${name} has to be BIGINT or INT`, `${modify} \`expiry\` BIGINT NOT NULL;`)
  }
  checkOthers(alter, name, found)
  const isCaseSensitive = /^$|_bin$|_cs$|^binary$/.test(key.collation)
  const maxExpiry = expiry.type === 'bigint' ? MAX_BIGINT : 2 ** (expiry.isUnsigned ? 32 : 31) - 1
  const maxBytes = Math.min(data.length, maxPacket - STATEMENT)
  const isTransactional = engine === 'innodb'
  const keyIndex = quoted([found.keyIndex])
  return { name, keyIndex, isCaseSensitive, isTransactional, maxExpiry, keyLength: key.length, maxBytes }
}

/** As they can be added to rows that are there: expired, and of nobody. */
const COLUMNS: Readonly<Record<string, string>> = {
  key: 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE',
  data: 'MEDIUMBLOB',
  expiry: 'BIGINT NOT NULL DEFAULT 0',
}

/** No row of ours has a value for them; a server that is not strict takes 0 or the empty text. */
function checkOthers(alter: string, name: string, { columns, isStrict }: Found): void {
  for (const [column, { isRequired, isPrimary, fullType, name: itself }] of columns) {
    if (!isStrict || !isRequired || column in COLUMNS) continue
    const sql = `${alter} ${isPrimary ? 'DROP PRIMARY KEY, ' : ''}MODIFY ${quoted([itself])} ${fullType} NULL;`
    throw unfit(`column ${quoted([itself])} of ${name} must do without a value`, sql)
  }
}

/** By the key: sql_safe_updates wants no less. */
const NONE = "`key` = '' AND 1 = 0"

/** Statements that change nothing, but are refused all the same where the privilege is missing. */
async function checkPrivileges(database: Database, name: string): Promise<void> {
  const columns = '`key`, `data`, `expiry`'
  const probes = [
    `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${name} WHERE ${NONE}`,
    `UPDATE ${name} SET \`expiry\` = \`expiry\` WHERE ${NONE}`,
    `DELETE FROM ${name} WHERE ${NONE}`,
  ]
  for (const text of probes) {
    const failure = await failureOf(database, text)
    if (failure === undefined) continue
    if (!DENIED.has(errnoOf(failure))) throw failure
    const verb = /^[A-Z, ]+(?= command denied)/.exec(failure.message)?.[0] ?? text.slice(0, text.indexOf(' '))
    const grant = await grantOf(database, name)
    throw unfit(`the user may not ${verb} in table ${name}; somebody who may has to run`, grant)
  }
}
