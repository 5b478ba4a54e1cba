/**
 * A pool of our own.
 * @module
 */
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import type { ProviderContext } from '@sess/core'
import { createPool as createMysqlPool } from 'mysql2'
import type { Pool, PoolOptions, SslOptions } from 'mysql2'
import type { MysqlPool } from './database.js'
import type { ConnectionSettings, TlsOptions } from './options.js'

/** The part of `storeTimeout` after which a connection is given up. */
const CONNECTING = 0.45
const KEEP_ALIVE = 30_000

export interface OwnPool {
  readonly pool: MysqlPool
  readonly close: () => Promise<void>
}

/** It connects when it is first used. */
export function createPool(
  settings: ConnectionSettings,
  tls: TlsOptions | false,
  { storeTimeout }: ProviderContext,
): OwnPool {
  const pool = createMysqlPool({
    ...addressOf(settings),
    ...(tls && encrypted(settings, tls)),
    ...sizeOf(settings),
    connectTimeout: Math.ceil(1000 * Math.min(storeTimeout * CONNECTING, settings.timeout || Number.POSITIVE_INFINITY)),
    keepAliveInitialDelay: KEEP_ALIVE,
    trace: false, // a stack for each statement would take longer than the statement
  })
  // What waits for a lock on the server doesn't wait for longer than somebody waits here; each statement commits.
  const seconds = Math.max(1, Math.ceil(storeTimeout))
  const setting = `SET SESSION autocommit = 1, innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`
  pool.on('connection', (connection) => void connection.query(setting, () => undefined))
  return { pool, close: closing(pool, storeTimeout * 1000) }
}

function addressOf({ host, port, socketPath, database, user, password, charset }: ConnectionSettings): PoolOptions {
  return withoutUndefined({ host, port, socketPath, database, user, password, charset })
}

/** What is not there is the driver's own default. */
function withoutUndefined<T extends object>(options: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

const sizeOf = ({ poolSize }: ConnectionSettings): PoolOptions => ({
  connectionLimit: poolSize,
  ...(poolSize > 1 && { maxIdle: poolSize - 1 }), // else unused connections are never closed
})

/**
 * mysql2 names no host to Node when it is an address, and Node then verifies the certificate for the host of the socket,
 * or else for localhost.
 */
function encrypted({ host = '', port = 3306 }: ConnectionSettings, tls: TlsOptions): PoolOptions {
  const ssl = tls as SslOptions
  if (!isIP(host)) return { ssl }
  const stream = (): Socket => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE })
    return Object.assign(socket, { _host: host })
  }
  return { ssl, stream }
}

/** A silent server hangs up on nobody: after `patience` milliseconds it is done from here. */
function closing(pool: Pool, patience: number): () => Promise<void> {
  const streams = new Set<Socket>()
  pool.on('connection', (connection) => {
    const { stream } = connection as unknown as { stream: Socket }
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  })
  return async () => {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, patience)
      pool.end(() => {
        clearTimeout(timer)
        done()
      })
    })
    for (const stream of streams) stream.destroy()
  }
}

/** mysql2 knows the names that servers know; it says so when a pool is made, which connects nothing. */
export function isCharset(charset: string): boolean {
  try {
    createMysqlPool({ charset }).end()
    return true
  } catch {
    return false
  }
}
