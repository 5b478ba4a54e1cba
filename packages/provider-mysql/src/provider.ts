/**
 * The provider `mysql`: one row per session, its version at the start of `data` and the record below it.
 * @module
 */
import { defineProvider } from '@sess/core'
import type { Provider, ProviderContext, Storage } from '@sess/core'
import { firstThatWorks, SqlStorage, SWEEP_BATCH } from '@sess/sql'
import { isAboutEncryption, MysqlDatabase } from './database.js'
import type { MysqlProviderOptions, Settings, TlsOptions } from './options.js'
import { resolve } from './options.js'
import { createPool } from './pool.js'
import { prepareTable } from './schema.js'
import { MysqlSql } from './sql.js'

/**
 * Sessions in MySQL 5.7 or newer, or MariaDB 10.3 or newer.
 *
 * @example
 * ```ts
 * sessioner({ provider: mysql({ pool: createPool({ … }) }) }) // your pool, which stays yours to close
 * sessioner({ provider: mysql({ host: 'db', user: 'app', database: 'app', tls: true, createTable: true }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function mysql(options?: MysqlProviderOptions): Provider {
  return defineProvider({
    name: 'mysql',
    options,
    open: (config, context) => open(resolve(config), context), // resolves at once: a wrong config throws
  })
}

function open(settings: Settings, context: ProviderContext): Promise<Storage> {
  const { pool, connection } = settings
  if (pool) return openOn(new MysqlDatabase(pool, undefined, context), settings, context)
  const connect = (tls: TlsOptions | false): Promise<Storage> => {
    const own = createPool(connection!, tls, context)
    return openOn(new MysqlDatabase(own.pool, own.close, context), settings, context)
  }
  return firstThatWorks(connection!.encryption, connect, isAboutEncryption)
}

async function openOn(database: MysqlDatabase, settings: Settings, context: ProviderContext): Promise<Storage> {
  try {
    const table = await prepareTable(database, settings, context.idLength)
    const sql = new MysqlSql(table)
    const { name, keyLength, maxBytes } = table
    const sweepBatch = (): Promise<Batch> => removeBatch(database, sql)
    return new SqlStorage({ provider: 'mysql', database, sql, sweepBatch, table: name, keyLength, maxBytes, context })
  } catch (error) {
    await database.close()
    throw error
  }
}

interface Batch {
  readonly removed: number
  readonly more: boolean
}

/** Another server may be at the same rows. Who comes second finds fewer than expected, and leaves the rest to it. */
async function removeBatch(database: MysqlDatabase, sql: MysqlSql): Promise<Batch> {
  const { rows } = await database.runUnhurried(sql.findExpired())
  if (rows.length === 0) return { removed: 0, more: false }
  const { changed: removed } = await database.run(sql.removeAllExpired(rows.map(([key]) => String(key))), true)
  return { removed, more: removed === SWEEP_BATCH }
}
