import { providerConformance } from '@sess/core/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { lateMove } from '../../../tools/testing/late-move.js'
import { cutOff } from '../../sql/test/cut-off.js'
import { only } from '../../sql/test/kit.js'
import { STORE_TIMEOUT, troubles } from '../../sql/test/troubles.js'
import { IMPATIENT, unhurried } from '../../sql/test/unhurried.js'
import { PostgresDatabase } from '../src/database.js'
import { createTableSql, postgres } from '../src/index.js'
import { resolve } from '../src/options.js'
import { createPools } from '../src/pool.js'
import type { Options } from './support/table.js'
import { Bench } from './support/table.js'

const server = await service('postgres', { own: true, config: { max_connections: 50 } })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('postgres', () => {
  const bench = new Bench(server.url)
  let options: Options
  beforeAll(async () => {
    options = await bench.table(createTableSql)
  })
  afterAll(() => bench.close())

  const killConnections = (): Promise<unknown> =>
    bench.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sess'`)

  troubles('postgres', {
    start: () => App.start(script, { providerConfig: options, storeTimeout: STORE_TIMEOUT }),
    killConnections,
    server: () => server.servers[0]!,
  })

  cutOff('postgres', {
    provider: () => postgres(options),
    holdWrites: async () => {
      const client = await bench.pool.connect()
      await client.query(`BEGIN; LOCK TABLE ${options.table} IN SHARE MODE`)
      return async () => {
        await client.query('COMMIT')
        client.release()
      }
    },
    waiting: async () => (await bench.rows('SELECT FROM pg_locks WHERE NOT granted')).length,
    end: killConnections,
  })

  lateMove('postgres', {
    port: () => server.servers[0]!.port,
    beside: () => postgres(options),
    through: (port) => postgres({ ...options, port }),
  })

  unhurried(
    () => {
      const pools = createPools(resolve(options).connection!, false, true, IMPATIENT)
      return new PostgresDatabase(pools, true, IMPATIENT)
    },
    { text: 'SELECT pg_sleep(1)', values: [] },
  )

  const control = { stop: () => server.servers[0]!.stop(), start: () => server.servers[0]!.start() }
  providerConformance({
    describe: only('outage'),
    it,
    create: async () => postgres(await bench.table(createTableSql)),
    inProcess: true,
    outage: control,
  })
})
