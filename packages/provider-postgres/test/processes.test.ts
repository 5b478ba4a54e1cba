import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { collecting } from '../../sql/test/collecting.js'
import { races } from '../../sql/test/races.js'
import { startApp } from './support/apps.js'
import type { Options } from './support/table.js'
import { Bench, SCHEMAS } from './support/table.js'

const server = await service('postgres', { own: true })
const bench = new Bench(server.available ? server.url : 'postgres://nowhere')
afterAll(() => bench.close())

describe.skipIf(!server.available).each(SCHEMAS)('on %s', (schema, sql) => {
  let table: Promise<Options> | undefined
  const options = (): Promise<Options> => (table ??= bench.table(sql))

  races(`postgres, ${schema}`, async (more) => startApp({ providerConfig: await options(), ...more }))

  describe('the garbage collector', () => {
    let name = ''
    collecting(
      `postgres, ${schema}`,
      async () => {
        const providerConfig = await options()
        if (name === '') await bench.pool.query(`TRUNCATE ${(name = providerConfig.table)}`)
        return startApp({ providerConfig })
      },
      (rows) =>
        bench.pool.query(
          `INSERT INTO ${name} SELECT 'x' || n, convert_to(repeat('y', 300), 'UTF8'), 1 FROM generate_series(1, ${rows}) n`,
        ),
      async () => Number((await bench.rows(`SELECT count(*) FROM ${name}`))[0]!['count']),
    )
  })
})
