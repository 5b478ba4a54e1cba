import { providerConformance } from '@sess/core/testing'
import { Cluster } from 'ioredis'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { optionsOf } from '../src/config-string.js'
import { dumpOf, storages } from './kit.js'

const cluster = await service('redis-cluster')

/** Of a URL with several addresses. */
function loginOf(url: string): { username?: string; password?: string } {
  const { username, password } = optionsOf(url.replace(/,.*/, ''))
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
}

describe.skipIf(!cluster.available)('redis, a cluster', () => {
  const addr = cluster.addresses.slice(0, 2)
  const login = cluster.available ? loginOf(cluster.url) : {}
  const thief = new Cluster(addr, { lazyConnect: true, redisOptions: login })
  afterAll(() => thief.disconnect())
  const dump = async (): Promise<string> => {
    if (thief.status === 'wait') await thief.connect()
    return dumpOf(...thief.nodes('master'))
  }
  providerConformance({
    describe,
    it,
    ...storages((prefix) => ({ ...login, haMode: 'cluster', addr, prefix })),
    dump,
  })
})
