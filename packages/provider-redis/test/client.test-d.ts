import type { Provider } from '@sess/core'
import { Cluster, Redis } from 'ioredis'
import { describe, expectTypeOf, it } from 'vitest'
import type { RedisClient } from '../src/index.js'
import { redis } from '../src/index.js'

describe('redis', () => {
  it('takes what ioredis makes', () => {
    expectTypeOf<Redis>().toExtend<RedisClient>()
    expectTypeOf<Cluster>().toExtend<RedisClient>()
    expectTypeOf(redis({ client: new Redis() })).toEqualTypeOf<Provider>()
    expectTypeOf(redis({ client: new Cluster([]), prefix: 'app:' })).toEqualTypeOf<Provider>()
  })

  it('knows its options', () => {
    // @ts-expect-error
    redis({ pool: 5 })
    redis({ addr: ['a:1', 'b:2'], haMode: 'cluster', tls: true, ca: '/ca.pem' })
  })
})
