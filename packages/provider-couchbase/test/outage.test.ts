import { describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { outages } from '../../../tools/testing/outage.js'
import { configOf } from './support.js'

const server = await service('couchbase', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('couchbase', () => {
  outages('couchbase', {
    start: (options) => App.start(script, { providerConfig: configOf(server.url), ...options }),
    server,
    told: /^warning: couchbase can't be reached: /,
    keepsSessions: false,
    failsAtOnce: false,
  })
})
