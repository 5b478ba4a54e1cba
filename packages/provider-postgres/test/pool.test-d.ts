import type { Provider } from '@sess/core'
import { Pool } from 'pg'
import { describe, expectTypeOf, it } from 'vitest'
import { postgres } from '../src/index.js'

describe('a pool', () => {
  it('of pg is taken', () => {
    expectTypeOf(postgres({ pool: new Pool(), table: 'app.session' })).toEqualTypeOf<Provider>()
  })

  it('of something else is not', () => {
    // @ts-expect-error no pool
    postgres({ pool: { query: 1 } })
  })
})
