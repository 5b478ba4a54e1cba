// Uses the built package.
import { postgres } from '@sess/provider-postgres'
import pg from 'pg'
import { serve } from '../../../tools/testing/serve.mjs'

const { unguarded, ...options } = JSON.parse(process.argv[2] ?? '')
const { table, ...connection } = options.providerConfig

/** A pool whose saves compare nothing. */
function unguardedPool() {
  const pool = new pg.Pool({ ...connection, ssl: false })
  const query = pool.query.bind(pool)
  pool.query = /** @type {never} */ (
    (/** @type {{ text: string }} */ config) => {
      const text = config.text.replace(/substring\(.* = \$4::bytea/, '$4::bytea IS NOT NULL')
      return query({ ...config, text })
    }
  )
  return pool
}

await serve({
  ...options,
  provider: 'postgres',
  ...(unguarded && { provider: postgres({ pool: unguardedPool(), table }), providerConfig: '' }),
})
