import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { collecting } from '../../sql/test/collecting.js'
import { races } from '../../../tools/testing/races.js'
import type { Options } from './support/table.js'
import { Bench, SCHEMAS } from './support/table.js'

const server = await service('mariadb', { own: true })
const script = new URL('app.mjs', import.meta.url)
const bench = new Bench(server.available ? server.url : 'mysql://nowhere')
afterAll(() => bench.close())

describe.skipIf(!server.available).each(SCHEMAS)('on %s', (schema, sql) => {
  let table: Promise<Options> | undefined
  const options = (): Promise<Options> => (table ??= bench.table(sql))

  races(`mariadb, ${schema}`, async (more) => App.start(script, { providerConfig: await options(), ...more }), {
    wanted: 60,
    time: 4000,
  })

  describe('the garbage collector', () => {
    let name = ''
    collecting(
      `mariadb, ${schema}`,
      async () => {
        const providerConfig = await options()
        if (name === '') await bench.pool.query(`TRUNCATE ${(name = providerConfig.table)}`)
        return App.start(script, { providerConfig })
      },
      (rows) =>
        bench.pool.query(`INSERT INTO ${name} SELECT CONCAT('x', seq), REPEAT('y', 300), 1 FROM seq_1_to_${rows}`),
      async () => Number((await bench.rows(`SELECT COUNT(*) AS count FROM ${name}`))[0]!['count']),
    )
  })
})
