import { providerConformance } from '@sess/core/testing'
import { Cluster } from 'ioredis'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { dumpOf, storages } from './kit.js'

const cluster = await service('redis-cluster')

describe.skipIf(!cluster.available)('redis, a cluster', () => {
  const thief = new Cluster(cluster.addresses.slice(0, 2), { lazyConnect: true })
  afterAll(() => thief.disconnect())
  const dump = async (): Promise<string> => {
    if (thief.status === 'wait') await thief.connect()
    return dumpOf(...thief.nodes('master'))
  }
  providerConformance({
    describe,
    it,
    ...storages((prefix) => ({ haMode: 'cluster', addr: cluster.addresses.slice(0, 2), prefix })),
    dump,
  })
})
