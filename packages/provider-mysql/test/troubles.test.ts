import { providerConformance } from '@sess/core/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { lateMove } from '../../../tools/testing/late-move.js'
import { cutOff } from '../../sql/test/cut-off.js'
import { only } from '../../sql/test/kit.js'
import { STORE_TIMEOUT, troubles } from '../../sql/test/troubles.js'
import { IMPATIENT, unhurried } from '../../sql/test/unhurried.js'
import { MysqlDatabase } from '../src/database.js'
import { createTableSql, mysql } from '../src/index.js'
import { resolve } from '../src/options.js'
import { createPool } from '../src/pool.js'
import type { Options } from './support/table.js'
import { Bench } from './support/table.js'

const server = await service('mariadb', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('mariadb', () => {
  const bench = new Bench(server.url)
  let options: Options
  beforeAll(async () => {
    options = await bench.table(createTableSql)
  })
  afterAll(() => bench.close())

  const connections = (condition: string): Promise<Record<string, unknown>[]> =>
    bench.rows(
      `SELECT id FROM information_schema.processlist WHERE user = 'root' AND id <> CONNECTION_ID() AND (${condition})`,
    )
  async function kill(what: 'CONNECTION' | 'QUERY', condition: string): Promise<void> {
    for (const { id } of await connections(condition))
      await bench.pool.query(`KILL ${what} ${String(id)}`).catch(() => undefined)
  }

  troubles('mariadb', {
    start: () => App.start(script, { providerConfig: options, storeTimeout: STORE_TIMEOUT }),
    killConnections: () => kill('CONNECTION', `info IS NULL OR info LIKE '%${options.table}%'`),
    server: () => server.servers[0]!,
  })

  const waits = "state LIKE 'Waiting for table%'"
  cutOff('mariadb', {
    provider: () => mysql(options),
    holdWrites: async () => {
      const connection = await bench.pool.getConnection()
      await connection.query(`LOCK TABLES ${options.table} READ`)
      return async () => {
        await connection.query('UNLOCK TABLES')
        connection.release()
      }
    },
    waiting: async () => (await connections(waits)).length,
    end: () => kill('QUERY', waits), // who is killed with the connection is not told
  })

  lateMove('mariadb', {
    port: () => server.servers[0]!.port,
    beside: () => mysql(options),
    through: (port) => mysql({ ...options, port }),
  })

  unhurried(
    () => {
      const { pool, close } = createPool(resolve(options).connection!, false, IMPATIENT)
      return new MysqlDatabase(pool, close, IMPATIENT)
    },
    { text: 'SELECT SLEEP(1)', values: [] },
  )

  const control = { stop: () => server.servers[0]!.stop(), start: () => server.servers[0]!.start() }
  providerConformance({
    describe: only('outage'),
    it,
    create: async () => mysql(await bench.table(createTableSql)),
    inProcess: true,
    outage: control,
  })
})
