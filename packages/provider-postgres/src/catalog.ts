/**
 * What the server knows of the table.
 * @module
 */
import type { Database } from '@sess/sql'

/** Safe whatever the parts are, though they were checked as well. */
export const quoted = (parts: readonly string[]): string =>
  parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')

interface Column {
  readonly type: string
  readonly length: number
  /** It takes no NULL, and has no default. */
  readonly isRequired: boolean
  /** The primary key that it is a part of, quoted; or empty. */
  readonly primaryKey: string
}

export interface Found {
  readonly columns: ReadonlyMap<string, Column>
  /** Whether the key is. */
  readonly isUnique: boolean
  /** The constraints, quoted, that look at the key only later: ON CONFLICT fails by them, whatever else there is. */
  readonly deferrable: readonly string[]
  /** Privileges. */
  readonly missing: readonly string[]
  /** Commands that row-level security lets find no row, without an error. */
  readonly barred: readonly string[]
  /** Quoted. */
  readonly user: string
}

export const PRIVILEGES: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/** How pg_policy calls them. */
const COMMANDS: Readonly<Record<string, string>> = { SELECT: 'r', INSERT: 'a', UPDATE: 'w', DELETE: 'd' }

/** Each with whether a policy allows it to the user; what the policy says of a row is not looked at. */
const BARRED = Object.entries(COMMANDS).map(
  ([privilege, command]) =>
    `CASE WHEN NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = a.attrelid AND p.polpermissive ` +
    `AND p.polcmd IN ('*', '${command}') AND EXISTS (SELECT FROM unnest(p.polroles) AS role ` +
    `WHERE role = 0 OR pg_has_role(role, 'USAGE'))) THEN '${privilege}' END`,
)

const CATALOG = `SELECT a.attname::text, t.typname::text, (a.atttypmod - 4)::text,
  (a.attnotnull AND NOT a.atthasdef AND a.attidentity = '')::text,
  coalesce((SELECT quote_ident(c.conname) FROM pg_constraint c
    WHERE c.conrelid = a.attrelid AND c.contype = 'p' AND a.attnum = ANY (c.conkey)), ''),
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indimmediate
    AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)::text,
  array_to_string(ARRAY(SELECT quote_ident(c.conname) FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype IN ('p', 'u')
    AND c.condeferrable AND c.conkey = ARRAY[a.attnum]), ','),
  concat_ws(',', ${PRIVILEGES.map((p) => `CASE WHEN NOT has_table_privilege(a.attrelid, '${p}') THEN '${p}' END`).join(', ')}),
  CASE WHEN row_security_active(a.attrelid) THEN concat_ws(',', ${BARRED.join(', ')}) END,
  quote_ident(current_user)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped`

const NO_PRIVILEGE = '42501'

/** @returns undefined where the user sees no such table */
export async function look(database: Database, name: string): Promise<Found | undefined> {
  const rows = await rowsOf(database, name)
  if (rows.length === 0) return undefined
  const columns = rows.map(([column, type, length, isRequired, primaryKey]): [string, Column] => [
    String(column),
    { type: String(type), length: Number(length), isRequired: isRequired === 'true', primaryKey: String(primaryKey) },
  ])
  const [missing, barred, user] = rows[0]!.slice(7)
  const key = rows.find(([column]) => column === 'key') ?? []
  return {
    columns: new Map(columns),
    isUnique: key[5] === 'true',
    deferrable: listed(key[6]),
    missing: listed(missing),
    barred: listed(barred),
    user: String(user),
  }
}

const listed = (text: unknown): string[] => (typeof text === 'string' ? text.split(',').filter(Boolean) : [])

/** None, too, where the schema is closed to the user. */
async function rowsOf(database: Database, name: string): Promise<readonly (readonly unknown[])[]> {
  try {
    return (await database.run({ text: CATALOG, values: [name] }, true)).rows
  } catch (error) {
    if ((error as { code?: string }).code === NO_PRIVILEGE) return []
    throw error
  }
}

/** Of those that are searched the ones that are closed are left out in current_schemas(), as if they were not there. */
const SCHEMAS = `SELECT
  (SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = $2::text AND NOT has_schema_privilege(n.oid, 'USAGE')
    AND (n.nspname = $1::text OR $1 IS NULL AND n.nspname IN (SELECT trim(both '" ' FROM part)
      FROM unnest(string_to_array(replace(current_setting('search_path'), '$user', current_user), ',')) AS part))
    LIMIT 1),
  ($1 IS NOT NULL AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1::text))::text,
  quote_ident(current_user)`

/** Why the table is not seen. */
export async function lookForSchema(
  database: Database,
  table: readonly string[],
): Promise<{ hidden: string; isSchemaMissing: boolean; user: string }> {
  const values = [table.length > 1 ? table[0] : null, table.at(-1)]
  const { rows } = await database.run({ text: SCHEMAS, values }, true)
  const [hidden, isSchemaMissing, user] = rows[0]!
  return {
    hidden: typeof hidden === 'string' ? hidden : '',
    isSchemaMissing: isSchemaMissing === 'true',
    user: String(user),
  }
}
