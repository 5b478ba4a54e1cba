import type { Provider } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { postgres } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench, SCHEMAS } from './support/table.js'

// In a time zone of its own: times are seconds since the epoch, whatever the clock on the wall says.
const server = await service('postgres', { config: { TimeZone: 'Pacific/Chatham', max_connections: 300 } })

describe.skipIf(!server.available).each(SCHEMAS)('on %s', (_, sql, maxIdLength) => {
  const bench = new Bench(server.url)
  const options = new Map<unknown, Options>()
  const onto = (given: Options): Provider => {
    const provider = postgres({ ...given, poolSize: 4 })
    options.set(provider, given)
    return provider
  }
  providerConformance({
    describe,
    it,
    create: async () => onto(await bench.table(sql)),
    createSecond: (first) => onto(options.get(first)!),
    granularity: 1,
    dump: (subject) => bench.dump(options.get(subject)!.table),
    maxIdLength,
  })
  afterAll(() => bench.close())
})
