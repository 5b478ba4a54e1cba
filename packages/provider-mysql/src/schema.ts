/**
 * The table: what ours looks like, and whether the one that is there will do.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Answer, Database } from '@sess/sql'
import { parseTableName } from '@sess/sql'
import type { Settings } from './options.js'
import type { Table } from './sql.js'

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

/** Safe whatever the parts are, though they were checked as well. */
const quoted = (parts: readonly string[]): string => parts.map((part) => `\`${part.replaceAll('`', '``')}\``).join('.')

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
  const sql = createTableSql(settings.table.join('.'))
  let found = await look(database, settings.table)
  if (!found && settings.createTable) {
    await database.run({ text: sql, values: [] }, true).catch((error: Error) => {
      throw unfit(`table ${name} could not be made (${error.message}); what was tried is`, sql, error)
    })
    found = await look(database, settings.table)
  }
  if (!found)
    throw unfit(`there is no table ${name} that the user may see; createTable: true would make it, and so does`, sql)
  const table = checked(name, found, sql, idLength)
  await checkPrivileges(database, name)
  return table
}

interface Found {
  readonly engine: string
  readonly maxPacket: number
  /** Whether each statement commits by itself. */
  readonly commits: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** A unique index of the key alone. */
  readonly keyIndex: string | undefined
}

interface Column {
  readonly type: string
  readonly isUnsigned: boolean
  readonly length: number
  readonly collation: string
}

/** Only where schema and name are given in each statement the server looks at this table alone, and not at all it has. */
const OF_TABLE = 'WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?'
const TABLE = `SELECT ENGINE, @@max_allowed_packet, @@autocommit FROM information_schema.TABLES ${OF_TABLE}`
const COLUMNS = `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, COLLATION_NAME
  FROM information_schema.COLUMNS ${OF_TABLE}`
const KEY_INDEX = `SELECT INDEX_NAME FROM information_schema.STATISTICS ${OF_TABLE} AND NON_UNIQUE = 0
  GROUP BY INDEX_NAME HAVING COUNT(*) = 1 AND MIN(COLUMN_NAME) = 'key' AND MAX(SUB_PART) IS NULL ORDER BY INDEX_NAME`

async function look(database: Database, table: readonly string[]): Promise<Found | undefined> {
  const values = [table.length > 1 ? table[0] : null, table.at(-1)]
  const ask = async (text: string): Promise<Answer['rows']> => (await database.run({ text, values }, true)).rows
  const [found] = await ask(TABLE)
  if (!found) return undefined
  const [engine, maxPacket, autocommit] = found
  const columns = (await ask(COLUMNS)).map(([name, type, fullType, length, collation]): [string, Column] => [
    String(name).toLowerCase(),
    {
      type: String(type).toLowerCase(),
      isUnsigned: String(fullType).includes('unsigned'),
      length: Number(length),
      collation: typeof collation === 'string' ? collation : '',
    },
  ])
  const [index] = await ask(KEY_INDEX)
  return {
    engine: String(engine).toLowerCase(),
    maxPacket: Number(maxPacket),
    commits: Number(autocommit) === 1,
    columns: new Map(columns),
    keyIndex: index && String(index[0]),
  }
}

function checked(name: string, found: Found, sql: string, idLength: number): CheckedTable {
  const { columns, engine, maxPacket } = found
  const [key, data, expiry] = [columns.get('key'), columns.get('data'), columns.get('expiry')]
  const modify = `ALTER TABLE ${name} MODIFY`
  if (!found.commits)
    throw unfit("the pool's connections have autocommit off, and nothing would be saved", 'SET GLOBAL autocommit = 1;')
  if (!key || !data || !expiry) throw unfit(`table ${name} needs the columns key, data and expiry, as here`, sql)
  if (!['char', 'varchar', 'varbinary'].includes(key.type) || key.length < idLength) {
    const type = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL'
    throw unfit(`column key of ${name} is narrower than idLength, or no text`, `${modify} \`key\` ${type};`)
  }
  if (found.keyIndex === undefined)
    throw unfit(`column key of ${name} has to be unique`, `ALTER TABLE ${name} ADD PRIMARY KEY (\`key\`);`)
  if (!/blob$|^varbinary$/.test(data.type)) {
    throw unfit(`column data of ${name} has to be a BLOB`, `${modify} \`data\` MEDIUMBLOB;`)
  }
  if (expiry.type !== 'int' && expiry.type !== 'bigint') {
    throw unfit(`column expiry of ${name} has to be BIGINT or INT`, `${modify} \`expiry\` BIGINT NOT NULL;`)
  }
  const isCaseSensitive = /^$|_bin$|_cs$|^binary$/.test(key.collation)
  const maxExpiry = expiry.type === 'bigint' ? MAX_BIGINT : 2 ** (expiry.isUnsigned ? 32 : 31) - 1
  const maxBytes = Math.min(data.length, maxPacket - STATEMENT)
  const isTransactional = engine === 'innodb'
  const keyIndex = quoted([found.keyIndex])
  return { name, keyIndex, isCaseSensitive, isTransactional, maxExpiry, keyLength: key.length, maxBytes }
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
    try {
      await database.run({ text, values: [] }, true)
    } catch (error) {
      if (!DENIED.has((error as { errno?: number }).errno ?? 0)) throw error
      const { rows } = await database.run({ text: 'SELECT CURRENT_USER()', values: [] }, true)
      const user = String(rows[0]![0])
        .split('@')
        .map((part) => `'${part}'`)
        .join('@')
      const verb = text.slice(0, text.indexOf(' '))
      const grant = `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO ${user};`
      throw unfit(`the user may not ${verb} in table ${name}; somebody who may has to run`, grant)
    }
  }
}

/** In the table, in one of its columns. */
const DENIED: ReadonlySet<number> = new Set([1142, 1143])

const unfit = (problem: string, sql: string, cause?: unknown): SessionError =>
  new SessionError('SESS_STORE', `provider mysql: ${problem}:\n\n${sql}\n`, { provider: 'mysql', cause })
