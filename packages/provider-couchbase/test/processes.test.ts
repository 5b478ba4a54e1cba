import { describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import type { AppOptions } from '../../../tools/testing/app.js'
import { App } from '../../../tools/testing/app.js'
import { costs } from '../../../tools/testing/costs.js'
import { races } from '../../../tools/testing/races.js'
import { configOf } from './support.js'

const server = await service('couchbase', { own: true, args: ['--query'] })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('couchbase', () => {
  const start = (options: AppOptions): Promise<App> =>
    App.start(script, { providerConfig: configOf(server.url), ...options })

  races('couchbase', start, { wanted: 100, time: 4000 })

  costs<string[]>({
    start,
    async commands(fn) {
      await server.commands()
      await fn()
      return (await server.commands()).filter((name) => name !== 'clusterConfig') // the SDK looks for it now and then
    },
    records: async () => (await server.dump()).length,
    expected: {
      none: [],
      create: ['insert'],
      read: ['get'],
      touch: ['getAndTouch'],
      write: ['get', 'replace'],
      remove: ['get', 'remove'],
    },
  })
})
