import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { collecting } from '../../sql/test/collecting.js'
import { races } from '../../sql/test/races.js'
import { startApp } from './support/apps.js'
import type { Options } from './support/table.js'
import { Bench, SCHEMAS } from './support/table.js'

const server = await service('mariadb', { own: true })
const bench = new Bench(server.available ? server.url : 'mysql://nowhere')
afterAll(() => bench.close())

describe.skipIf(!server.available).each(SCHEMAS)('on %s', (schema, sql) => {
  let table: Promise<Options> | undefined
  const options = (): Promise<Options> => (table ??= bench.table(sql))

  races(`mariadb, ${schema}`, async (more) => startApp({ providerConfig: await options(), ...more }))

  describe('the garbage collector', () => {
    let name = ''
    collecting(
      `mariadb, ${schema}`,
      async () => {
        const providerConfig = await options()
        if (name === '') await bench.pool.query(`TRUNCATE ${(name = providerConfig.table)}`)
        return startApp({ providerConfig })
      },
      (rows) =>
        bench.pool.query(`INSERT INTO ${name} SELECT CONCAT('x', seq), REPEAT('y', 300), 1 FROM seq_1_to_${rows}`),
      async () => Number((await bench.rows(`SELECT COUNT(*) AS count FROM ${name}`))[0]!['count']),
    )
  })
})
