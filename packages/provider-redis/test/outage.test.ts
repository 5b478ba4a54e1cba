import { describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { outages } from '../../../tools/testing/outage.js'

const server = await service('redis', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('redis', () => {
  outages('redis', {
    start: (options) => App.start(script, { providerConfig: `addr=${server.addresses[0]},pool_size=2`, ...options }),
    server,
    told: /^warning: redis can't be reached: /,
    keepsSessions: true,
    failsAtOnce: true,
  })
})
