import { describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { outages } from '../../../tools/testing/outage.js'

const server = await service('memcached', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('memcache', () => {
  outages('memcache', {
    start: (options) => App.start(script, { providerConfig: server.addresses[0]!, ...options }),
    server,
    told: /^warning: memcached \S+ can't be reached: /,
    keepsSessions: false,
    failsAtOnce: true,
  })
})
