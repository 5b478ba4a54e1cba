/**
 * The statements' way to the server, and what failures mean.
 * @module
 */
import type { ProviderContext } from '@sess/core'
import { Alarm, LONGEST, Persistence } from '@sess/sql'
import type { Answer, Database, Fault, Statement } from '@sess/sql'

/** How a statement is run. */
export interface ExecuteOptions {
  sql: string
  rowsAsArray: boolean
}

/** A connection of mysql2, as far as it is used. */
export interface MysqlConnection {
  execute(options: ExecuteOptions, values: never, callback: (error: Error | null, result: unknown) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  release(): void
  destroy(): void
}

/** A pool of mysql2, described by what is used of it, so that any copy and any version fits. */
export interface MysqlPool {
  getConnection(callback: (error: Error | null, connection: MysqlConnection) => void): void
  on(event: 'connection', listener: (connection: MysqlConnection) => void): unknown
  off(event: 'connection', listener: (connection: MysqlConnection) => void): unknown
}

/** The part of `storeTimeout` after which an answer is given up. */
const ANSWERING = 0.9

interface Result {
  readonly rows: readonly (readonly unknown[])[]
  readonly changed: number
}

export class MysqlDatabase implements Database {
  readonly #pool: MysqlPool
  readonly #closePool: (() => Promise<void>) | undefined
  readonly #typeCast: TypeCast
  readonly #timeout: number
  readonly #persistence: Persistence
  readonly #alarm: Alarm

  /** @param closePool when the pool is ours */
  constructor(pool: MysqlPool, closePool: (() => Promise<void>) | undefined, context: ProviderContext) {
    this.#pool = pool
    this.#closePool = closePool
    this.#typeCast = closePool ? true : asItIs
    this.#timeout = Math.ceil(context.storeTimeout * ANSWERING * 1000)
    this.#persistence = new Persistence(faultOf, context.storeTimeout * 500)
    this.#alarm = new Alarm('mysql', context.report)
    pool.on('connection', this.#watch)
  }

  async run(statement: Statement, repeatable: boolean): Promise<Answer> {
    return this.#run(statement, repeatable, this.#timeout)
  }

  async runUnhurried(statement: Statement): Promise<Answer> {
    return this.#run(statement, true, LONGEST)
  }

  async #run(statement: Statement, repeatable: boolean, timeout: number): Promise<Answer> {
    const { result, repeated } = await this.#persistence.run(() => this.#attempt(statement, timeout), repeatable)
    return { rows: result.rows, changed: result.changed, repeated }
  }

  isDuplicate(error: unknown): boolean {
    return (error as { errno?: unknown }).errno === ER_DUP_ENTRY
  }

  isRefused(error: unknown): boolean {
    const { errno, sqlState } = error as ServerError
    return sqlState !== undefined && !IN_TROUBLE.has(errno) && !ENDED.has(errno) && !READ_ONLY.has(errno)
  }

  async close(): Promise<void> {
    this.#pool.off('connection', this.#watch)
    await this.#closePool?.()
  }

  readonly #watch = (connection: MysqlConnection): void => void connection.on('error', this.#alarm.ring)

  /** A connection that doesn't answer in time is destroyed: what it answers later would be another one's. */
  #attempt({ text, values }: Statement, timeout: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      let held: MysqlConnection | undefined
      let isOver = false
      const end = (settle: () => void, give: 'release' | 'destroy'): void => {
        if (isOver) return
        isOver = true
        clearTimeout(timer)
        held?.[give]()
        settle()
      }
      const timer = setTimeout(() => end(() => reject(new Silence(timeout)), 'destroy'), timeout)
      this.#pool.getConnection((error, connection) => {
        if (isOver) return error ? undefined : connection.release()
        if (error) return end(() => reject(new NotConnected(error)), 'release')
        held = connection
        const options = { ...OPTIONS, sql: text, typeCast: this.#typeCast }
        connection.execute(options, values as never, (failure, result) => {
          if (failure) end(() => reject(failure), isUsable(failure) ? 'release' : 'destroy')
          else end(() => resolve(resultOf(result)), 'release')
        })
      })
    })
  }
}

/** Whatever the pool's own are. */
const OPTIONS = { rowsAsArray: true, nestTables: false, namedPlaceholders: false }

type TypeCast = true | ((field: unknown, next: () => unknown) => unknown)

/** Only a function keeps the function of the application's pool from ours. */
const asItIs: TypeCast = (_, next) => next()

function resultOf(result: unknown): Result {
  if (Array.isArray(result)) return { rows: result as unknown[][], changed: 0 }
  return { rows: [], changed: (result as { affectedRows: number }).affectedRows }
}

/** No answer in time: nobody knows what was done, and nobody has the time to ask again. */
class Silence extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds / 1000} s`)
  }
}

/** The statement was never sent. */
class NotConnected extends Error {
  constructor(cause: Error) {
    super(cause.message || (cause as { code?: string }).code || cause.name, { cause })
  }
}

const ER_DUP_ENTRY = 1062

/** Somebody else may be the primary server now; a new connection may find it. */
const READ_ONLY: ReadonlySet<unknown> = new Set([
  1290, // the server runs with --read-only
  1792, // the transaction is read-only
  1836, // the server is read-only
  1874, // InnoDB is
])

/** What the server rolled back, or did not begin. */
const UNDONE: ReadonlySet<unknown> = new Set([
  ...READ_ONLY,
  1020, // the record changed since it was read (MariaDB)
  1040, // too many connections at the moment
  1203, // too many of the user's, as the server's settings have it
  1226, // as the user's own have it
  1213, // deadlock
  1243, // the prepared statement is another server's, behind a proxy
  1615, // the table was altered, and the statement has to be prepared anew
])

/** The server ended the statement, perhaps after the commit. */
const ENDED: ReadonlySet<unknown> = new Set([
  1053, // the server shuts down
  1317, // the statement was killed
  1927, // the connection was (MariaDB)
  4031, // it was idle for too long
])

/** It has no room at the moment: no statement would go better. */
const IN_TROUBLE: ReadonlySet<unknown> = new Set([
  1021, // its disk is full
  1037, // out of memory
  1040, // too many connections
  1041, // out of resources
  1114, // the table is full
  1226, // the user has asked for too much in this hour
])

interface ServerError {
  readonly errno?: number
  /** There, when the server answered. */
  readonly sqlState?: string
  readonly code?: string
  readonly message: string
}

function faultOf(error: unknown): Fault {
  if (error instanceof Silence) return 'final'
  const isUnsent = error instanceof NotConnected
  const { errno, sqlState, code, message } = (isUnsent ? error.cause : error) as ServerError
  if (UNDONE.has(errno)) return 'undone'
  if (isUnsent)
    return sqlState !== undefined || code === 'ETIMEDOUT' || isAboutEncryption(error) || /closed/.test(message)
      ? 'final'
      : 'undone'
  if (sqlState === undefined) return /in closed state/.test(message) ? 'undone' : 'lost'
  return ENDED.has(errno) ? 'ended' : 'final'
}

/** Whether the connection can go on after the server's error. */
function isUsable(error: Error): boolean {
  const { errno, sqlState } = error as unknown as ServerError
  return sqlState !== undefined && !ENDED.has(errno) && !UNDONE.has(errno)
}

/** Whether doing without encryption may be what the server wants. */
export function isAboutEncryption(error: unknown): boolean {
  const { code = '' } = ((error as Error).cause ?? error) as { code?: string }
  return code === 'HANDSHAKE_NO_SSL_SUPPORT' || code === 'HANDSHAKE_SSL_ERROR'
}
