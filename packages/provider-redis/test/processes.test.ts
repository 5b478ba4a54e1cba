import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import type { AppOptions } from '../../../tools/testing/app.js'
import { App } from '../../../tools/testing/app.js'
import { costs } from '../../../tools/testing/costs.js'
import { races } from '../../../tools/testing/races.js'
import { admin, commandCounts } from './support.js'

const server = await service('redis', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('redis', () => {
  const start = (options: AppOptions): Promise<App> =>
    App.start(script, { providerConfig: `addr=${server.addresses[0]}`, ...options })
  const client = admin(server.available ? server.servers[0]!.port : 0)
  afterAll(() => client.disconnect())

  races('redis', start, { wanted: 100, time: 4000 })

  costs<Record<string, number>>({
    start,
    async commands(fn) {
      await client.config('RESETSTAT')
      await fn()
      const { info: _, 'config|resetstat': __, ...counts } = await commandCounts(client)
      return counts
    },
    records: () => client.dbsize(),
    expected: {
      none: {},
      create: { set: 1 },
      read: { get: 1 },
      touch: { getex: 1 },
      write: { get: 1, evalsha: 1, set: 1, getrange: 1 }, // the last two inside the script
      remove: { get: 1, del: 1 },
    },
  })
})
