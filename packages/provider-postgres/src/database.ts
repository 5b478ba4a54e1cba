/**
 * The statements' way to the server, and what failures mean.
 * @module
 */
import { createHash } from 'node:crypto'
import type { ProviderContext } from '@sess/core'
import { Alarm, LONGEST, Persistence } from '@sess/sql'
import type { Answer, Database, Fault } from '@sess/sql'
import type { Pool } from 'pg'
import { LogInError, stepOf } from './pool.js'
import type { OwnPools } from './pool.js'
import type { PostgresStatement } from './sql.js'

/** A `Pool` of pg, described by what is used of it, so that any copy and any version fits. */
export interface PostgresPool {
  query(config: object): Promise<{ rows: unknown[]; rowCount?: number | null }>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

export class PostgresDatabase implements Database {
  readonly #requests: PostgresPool
  readonly #unhurried: PostgresPool
  /** To be closed. */
  readonly #own: readonly Pool[]
  readonly #prepare: boolean
  readonly #timeout: number
  readonly #persistence: Persistence
  readonly #alarm: Alarm
  readonly #names = new Map<string, string>()

  /** @param pools ours, or the application's */
  constructor(pools: OwnPools | { requests: PostgresPool }, prepare: boolean, context: ProviderContext) {
    this.#own = 'unhurried' in pools ? [pools.requests, pools.unhurried] : []
    this.#requests = pools.requests
    this.#unhurried = this.#own[1] ?? pools.requests
    this.#prepare = prepare
    this.#timeout = stepOf(context)
    this.#persistence = new Persistence(faultOf, context.storeTimeout * 500)
    this.#alarm = new Alarm('postgres', context.report)
    for (const pool of this.#pools()) pool.on('error', this.#alarm.ring)
  }

  async run(statement: PostgresStatement, repeatable: boolean): Promise<Answer> {
    return this.#run(this.#requests, statement, repeatable, this.#timeout)
  }

  async runUnhurried(statement: PostgresStatement): Promise<Answer> {
    return this.#run(this.#unhurried, statement, true, LONGEST)
  }

  async #run(
    pool: PostgresPool,
    { text, values, binary }: PostgresStatement,
    repeatable: boolean,
    timeout: number,
  ): Promise<Answer> {
    const query = {
      text,
      ...(values.length > 0 && { values }),
      ...(this.#prepare && values.length > 0 && { name: this.#nameOf(text) }),
      ...(binary && { binary }),
      rowMode: 'array',
      types: TYPES,
      query_timeout: timeout,
    }
    const { result, repeated } = await this.#persistence.run(() => pool.query(query), repeatable)
    return { rows: result.rows as unknown[][], changed: result.rowCount ?? 0, repeated }
  }

  isDuplicate(error: unknown): boolean {
    return stateOf(error) === '23505'
  }

  isRefused(error: unknown): boolean {
    const state = stateOf(error)
    return state !== undefined && !IN_TROUBLE.test(state)
  }

  async close(): Promise<void> {
    for (const pool of this.#own) {
      pool.on('error', () => undefined) // connections that end may still fail, which would end the process
      await pool.end()
    }
    for (const pool of this.#pools()) pool.off('error', this.#alarm.ring)
  }

  #pools(): Set<PostgresPool> {
    return new Set([this.#requests, this.#unhurried])
  }

  /** Short, since PostgreSQL cuts names off, and another one for each table, since several may share a pool. */
  #nameOf(text: string): string {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `sess_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`
      this.#names.set(text, name)
    }
    return name
  }
}

const BYTEA = 17

/** All columns as texts. A BYTEA comes as it is in the binary format, which pg gives as text or as Buffer, else as hex. */
const TYPES = {
  getTypeParser(type: number, format: string): (value: unknown) => string {
    if (type !== BYTEA || format === 'binary') return String
    return (hex) => Buffer.from(String(hex).slice(2), 'hex').toString()
  },
}

/** The SQLSTATE, if the server answered. */
function stateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && severity !== undefined ? code : undefined
}

/** What the server rolled back, or did not begin. */
const UNDONE: ReadonlySet<string> = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '25006', // it became a read-only replica; pg closes the connection of a failed query, so the next may find the new primary
  '57P03', // it is starting or stopping
  '53300', // it has too many connections at the moment
  '0A000', // the table was altered, and the prepared statement has to be made anew
  '26000', // the prepared statement is another server's, behind a proxy
])

/** The server ends the connection, and with it what was asked. */
const ENDED: ReadonlySet<string> = new Set(['57P01', '57P02', '57P05'])

/** A proxy's connection to it broke. */
const LOST: ReadonlySet<string> = new Set(['08006', '08003', '08000'])

const FAULTS: readonly (readonly [Fault, ReadonlySet<string>])[] = [
  ['undone', UNDONE],
  ['ended', ENDED],
  ['lost', LOST],
]

/**
 * The classes of errors that come of the server and not of the statement: of its connection or its transactions
 * (a replica), of memory and disks, of an operator, of the system, of itself.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const IN_TROUBLE = /^(?:08|25|53|57|58|XX)/

function faultOf(error: unknown): Fault {
  const state = stateOf(error)
  if (state !== undefined) return FAULTS.find(([, states]) => states.has(state))?.[0] ?? 'final'
  const { syscall, message } = error as { syscall?: string; message?: string }
  if (error instanceof LogInError || message?.startsWith('SASL:')) return 'final' // pg has no password, or a wrong one
  if (syscall === 'connect' || /not queryable/.test(message ?? '')) return 'undone'
  if (/timeout|after calling end/i.test(message ?? '')) return 'final' // a silent server has had its time
  return 'lost'
}

/** Whether another way to encrypt, or none, may be what the server wants. */
export function isAboutEncryption(error: unknown): boolean {
  return stateOf(error) === '28000' || /SSL|TLS|certificate/i.test((error as Error).message)
}

/** PgBouncer refuses a connection that asks for settings which it does not know. */
export const isAboutLimit = (error: unknown): boolean =>
  stateOf(error) === '08P01' && /statement_timeout/.test((error as Error).message)
