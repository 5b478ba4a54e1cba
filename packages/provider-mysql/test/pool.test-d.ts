import type { Provider } from '@sess/core'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { describe, expectTypeOf, it } from 'vitest'
import { mysql } from '../src/index.js'

describe('a pool', () => {
  it('of mysql2 is taken, with callbacks or with promises', () => {
    expectTypeOf(mysql({ pool: createPool({}), table: 'app.session' })).toEqualTypeOf<Provider>()
    expectTypeOf(mysql({ pool: createPromisePool({}) })).toEqualTypeOf<Provider>()
  })

  it('of something else is not', () => {
    // @ts-expect-error no pool
    mysql({ pool: { query: 1 } })
  })
})
