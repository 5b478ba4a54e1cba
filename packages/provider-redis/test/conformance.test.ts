import { providerConformance } from '@sess/core/testing'
import { Redis } from 'ioredis'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { optionsOf } from '../src/config-string.js'
import { dumpOf, providers, storages } from './kit.js'

const server = await service('redis')
const client = new Redis(server.available ? server.url : '', { lazyConnect: true, keyPrefix: 'app[*]:' })
const thief = new Redis(server.available ? server.url : '', { lazyConnect: true })
afterAll(() => thief.disconnect())

describe.skipIf(!server.available)('redis, with connections of its own', () => {
  providerConformance({
    describe,
    it,
    ...providers((prefix) => ({ ...optionsOf(server.url), prefix, poolSize: 2 })),
    dump: () => dumpOf(thief),
    ...(server.isOurs && { outage: { stop: () => server.pause(), start: () => server.resume() } }),
  })
})

describe.skipIf(!server.available)("redis, with the application's client", () => {
  afterAll(() => client.disconnect())
  providerConformance({ describe, it, ...storages((prefix) => ({ client, prefix })), dump: () => dumpOf(thief) })
})
