import { providerConformance } from '@sess/core/testing'
import { describe, it } from 'vitest'
import { fromExpressStore } from '../src/index.js'
import { kinds } from './support/stores.js'

describe.each(kinds)('fromExpressStore of $name', ({ isAvailable, granularity, open }) => {
  describe.skipIf(!isAvailable)('with what it claims', () => {
    providerConformance({ describe, it, create: () => fromExpressStore(open()), granularity, rounds: 2 })
  })
})
