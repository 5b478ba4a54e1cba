import { describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import type { AppOptions } from '../../../tools/testing/app.js'
import { App } from '../../../tools/testing/app.js'
import { costs } from '../../../tools/testing/costs.js'
import { races } from '../../../tools/testing/races.js'
import { counted, counters } from './support.js'

const server = await service('memcached', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('memcache', () => {
  const start = (options: AppOptions): Promise<App> =>
    App.start(script, { providerConfig: server.addresses[0]!, ...options })
  const port = server.available ? server.servers[0]!.port : 0

  races('memcache', start, { wanted: 100, time: 4000 })

  costs<Record<string, number>>({
    start,
    commands: (fn) => counted(port, fn),
    records: async () => (await counters(port))['curr_items']!,
    expected: {
      none: {},
      create: { cmd_set: 1 },
      read: { cmd_get: 1 },
      touch: { cmd_touch: 1 }, // that is GAT
      write: { cmd_get: 1, cmd_set: 1 },
      remove: { cmd_get: 1, delete_hits: 1 },
    },
  })
})
