/**
 * What the server knows of the table.
 * @module
 */
import type { Answer, Database } from '@sess/sql'

/** Safe whatever the parts are, though they were checked as well. */
export const quoted = (parts: readonly string[]): string =>
  parts.map((part) => `\`${part.replaceAll('`', '``')}\``).join('.')

export interface Found {
  readonly engine: string
  readonly maxPacket: number
  /** Whether each statement commits by itself. */
  readonly commits: boolean
  /** Whether a value that is missing is an error. */
  readonly isStrict: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** A unique index of the key alone. */
  readonly keyIndex: string | undefined
}

interface Column {
  readonly name: string
  readonly type: string
  readonly fullType: string
  readonly isUnsigned: boolean
  readonly length: number
  readonly collation: string
  /** It takes no NULL, and has no default. */
  readonly isRequired: boolean
  /** It is a part of the primary key. */
  readonly isPrimary: boolean
}

/** Only where schema and name are given in each statement the server looks at this table alone, and not at all it has. */
const OF_TABLE = 'WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?'
const TABLE = `SELECT ENGINE, @@max_allowed_packet, @@autocommit, @@sql_mode FROM information_schema.TABLES ${OF_TABLE}`
const COLUMNS = `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, COLLATION_NAME,
  IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA NOT REGEXP 'auto_increment|generated|virtual|persistent|stored',
  COLUMN_KEY = 'PRI'
  FROM information_schema.COLUMNS ${OF_TABLE}`
const KEY_INDEX = `SELECT INDEX_NAME FROM information_schema.STATISTICS ${OF_TABLE} AND NON_UNIQUE = 0
  GROUP BY INDEX_NAME HAVING COUNT(*) = 1 AND MIN(COLUMN_NAME) = 'key' AND MAX(SUB_PART) IS NULL ORDER BY INDEX_NAME`

/** @returns undefined where the user sees no such table */
export async function look(database: Database, table: readonly string[]): Promise<Found | undefined> {
  const values = [table.length > 1 ? table[0] : null, table.at(-1)]
  const ask = async (text: string): Promise<Answer['rows']> => (await database.run({ text, values }, true)).rows
  const [found] = await ask(TABLE)
  if (!found) return undefined
  const [engine, maxPacket, autocommit, mode] = found
  const columns = (await ask(COLUMNS)).map(([name, type, fullType, length, collation, ...is]): [string, Column] => [
    String(name).toLowerCase(),
    {
      name: String(name),
      type: String(type).toLowerCase(),
      fullType: String(fullType),
      isUnsigned: String(fullType).includes('unsigned'),
      length: Number(length),
      collation: typeof collation === 'string' ? collation : '',
      isRequired: Number(is[0]) === 1,
      isPrimary: Number(is[1]) === 1,
    },
  ])
  const [index] = await ask(KEY_INDEX)
  return {
    engine: String(engine).toLowerCase(),
    maxPacket: Number(maxPacket),
    commits: Number(autocommit) === 1,
    isStrict: /STRICT|TRADITIONAL/.test(String(mode)),
    columns: new Map(columns),
    keyIndex: index && String(index[0]),
  }
}
