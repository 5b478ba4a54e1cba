import { Pool } from 'pg'
import type { PostgresConnectionOptions } from '../../src/index.js'
import { createTableSql } from '../../src/index.js'

/** The table of the document, as it stands there. */
export const documented = (name: string): string => `CREATE TABLE ${name} (
    key       CHAR(16) NOT NULL,
    data      BYTEA,
    expiry    INTEGER NOT NULL,
    PRIMARY KEY (key)
);`

/** Ours and the document's: a name, the SQL, the longest id. */
export const SCHEMAS: [string, (name: string) => string, number][] = [
  ['ours', createTableSql, 64],
  ['the documented one', documented, 16],
]

let tables = 0
export const newName = (): string => `t${process.pid}_${++tables}`

/** A database of our own on a server, with a pool for looking into it. */
export class Bench {
  readonly url: string
  readonly pool: Pool

  constructor(url: string) {
    this.url = url
    this.pool = new Pool({ connectionString: url, max: 4 })
    this.pool.on('error', () => undefined)
  }

  /** Makes a table, and gives the options for a provider on it. */
  async table(sql: (name: string) => string): Promise<Options> {
    const table = newName()
    await this.pool.query(sql(table))
    return { ...this.options, table }
  }

  get options(): Omit<Options, 'table'> {
    const { hostname: host, port, username: user, pathname } = new URL(this.url)
    return { host, port: Number(port), user, database: pathname.slice(1), ssl: 'disable' }
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.pool.query(sql)).rows as Record<string, unknown>[]
  }

  /** All rows, the data as it is in the table. */
  async dump(table: string): Promise<string> {
    const rows = await this.rows(`SELECT * FROM ${table}`)
    return rows.map((row) => Object.values(row).map(textOf).join()).join('\n')
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}

const textOf = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))

export type Options = PostgresConnectionOptions & { table: string }
