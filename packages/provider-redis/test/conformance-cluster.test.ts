import { providerConformance } from '@sess/core/testing'
import { describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { storages } from './kit.js'

const cluster = await service('redis-cluster')

describe.skipIf(!cluster.available)('redis, a cluster', () => {
  providerConformance({
    describe,
    it,
    ...storages((prefix) => ({ haMode: 'cluster', addr: cluster.addresses.slice(0, 2), prefix })),
  })
})
