/**
 * The provider `postgres`: one row per session, its version at the start of `data` and the record below it.
 * @module
 */
import { defineProvider } from '@sess/core'
import type { Provider, ProviderContext, Storage } from '@sess/core'
import { firstThatWorks, SqlStorage, SWEEP_BATCH } from '@sess/sql'
import type { ConnectionOptions } from 'node:tls'
import { isAboutEncryption, isAboutLimit, PostgresDatabase } from './database.js'
import type { PostgresProviderOptions, Settings } from './options.js'
import { resolve } from './options.js'
import { createPools } from './pool.js'
import { prepareTable } from './schema.js'
import { PostgresSql } from './sql.js'

/** Bytes of the longest record. PostgreSQL's own limit is 1 GB, for the row and for the message that brings it. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * Sessions in PostgreSQL 12 or newer.
 *
 * @example
 * ```ts
 * sessioner({ provider: postgres({ pool: new Pool() }) }) // your pool, which stays yours to close
 * sessioner({ provider: postgres({ host: 'db', user: 'app', database: 'app', ssl: 'verify-full', createTable: true }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function postgres(options?: PostgresProviderOptions): Provider {
  return defineProvider({
    name: 'postgres',
    options,
    open: (config, context) => open(resolve(config), context), // resolves at once: a wrong config throws
  })
}

function open(settings: Settings, context: ProviderContext): Promise<Storage> {
  const { pool, connection, prepare } = settings
  if (pool) return openOn(new PostgresDatabase({ requests: pool }, prepare, context), settings, context)
  const connect = (ssl: ConnectionOptions | false): Promise<Storage> => {
    const limited = (isLimited: boolean): Promise<Storage> => {
      const own = createPools(connection!, ssl, isLimited, context)
      return openOn(new PostgresDatabase(own, prepare, context), settings, context)
    }
    return firstThatWorks(prepare ? [true, false] : [false], limited, isAboutLimit)
  }
  return firstThatWorks(connection!.encryption, connect, isAboutEncryption)
}

async function openOn(database: PostgresDatabase, settings: Settings, context: ProviderContext): Promise<Storage> {
  try {
    const table = await prepareTable(database, settings, context.idLength)
    const sql = new PostgresSql(table)
    const sweepBatch = async (): Promise<{ removed: number; more: boolean }> => {
      const { changed: removed } = await database.runUnhurried(sql.sweep())
      return { removed, more: removed === SWEEP_BATCH }
    }
    const { name, keyLength } = table
    return new SqlStorage({
      provider: 'postgres',
      database,
      sql,
      sweepBatch,
      table: name,
      keyLength,
      maxBytes: MAX_BYTES,
      context,
    })
  } catch (error) {
    await database.close().catch(() => undefined) // the first error says what is wrong
    throw error
  }
}
