import type { Provider } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { allBut } from '../../sql/test/kit.js'
import { mysql } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench, SCHEMAS } from './support/table.js'

// In a time zone of its own: times are seconds since the epoch, whatever the clock on the wall says.
const server = await service('mariadb', { config: { 'default-time-zone': '+12:45', 'max-connections': 500 } })

/** The documented table takes capitals for small letters, and 64 KB. What comes of that, provider.test.ts tells. */
const LIMITS = [
  'ids that differ in case alone are different ids',
  'a text of 200,000 characters is kept whole',
  'load gives the text exactly as it was saved',
]

describe.skipIf(!server.available).each(SCHEMAS)('on %s', (schema, sql, maxIdLength) => {
  const bench = new Bench(server.url)
  const options = new Map<unknown, Options>()
  const onto = (given: Options): Provider => {
    const provider = mysql({ ...given, poolSize: 4 })
    options.set(provider, given)
    return provider
  }
  providerConformance({
    describe,
    it: allBut(schema === 'ours' ? [] : LIMITS),
    create: async () => onto(await bench.table(sql)),
    createSecond: (first) => onto(options.get(first)!),
    granularity: 1,
    dump: (subject) => bench.dump(options.get(subject)!.table),
    maxIdLength,
  })
  afterAll(() => bench.close())
})
