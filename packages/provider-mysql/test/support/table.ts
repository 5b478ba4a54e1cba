import { createPool } from 'mysql2/promise'
import type { Pool, RowDataPacket } from 'mysql2/promise'
import type { MysqlConnectionOptions } from '../../src/index.js'
import { createTableSql } from '../../src/index.js'
import type { Table } from '../../src/sql.js'

/** The table of the document, as it stands there. */
export const documented = (name: string): string => `CREATE TABLE \`${name}\` (
    \`key\`       CHAR(16) NOT NULL,
    \`data\`      BLOB,
    \`expiry\`    INT(11) UNSIGNED NOT NULL,
    PRIMARY KEY (\`key\`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;`

/** Ours and the document's: a name, the SQL, the longest id. */
export const SCHEMAS: [string, (name: string) => string, number][] = [
  ['ours', createTableSql, 64],
  ['the documented one', documented, 16],
]

/** What is known of a table of ours, but its name. */
export const OURS: Omit<Table, 'name'> = {
  keyIndex: '`PRIMARY`',
  isCaseSensitive: true,
  isTransactional: true,
  maxExpiry: 2 ** 32,
}

let tables = 0
export const newName = (): string => `t${process.pid}_${++tables}`

/** A database of our own on a server, with a pool for looking into it. */
export class Bench {
  readonly url: string
  readonly pool: Pool

  constructor(url: string) {
    this.url = url
    this.pool = createPool({ uri: url, connectionLimit: 4, multipleStatements: true })
  }

  /** Makes a table, and gives the options for a provider on it. */
  async table(sql: (name: string) => string): Promise<Options> {
    const table = newName()
    await this.pool.query(sql(table))
    return { ...this.options, table }
  }

  get options(): Omit<Options, 'table'> {
    const { hostname: host, port, username: user, pathname } = new URL(this.url)
    return { host, port: Number(port), user, database: pathname.slice(1) }
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.pool.query<RowDataPacket[]>(sql))[0]
  }

  /** All rows, the data as it is in the table. */
  async dump(table: string): Promise<string> {
    const rows = await this.rows(`SELECT * FROM \`${table}\``)
    return rows.map((row) => Object.values(row).map(textOf).join()).join('\n')
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}

const textOf = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))

export type Options = MysqlConnectionOptions & { table: string }
