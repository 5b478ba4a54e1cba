// Uses the built package.
import { mysql } from '@sess/provider-mysql'
import { createPool } from 'mysql2'
import { serve } from '../../../tools/testing/serve.mjs'

const { unguarded, ...options } = JSON.parse(process.argv[2] ?? '')
const { table, poolSize: _, ...connection } = options.providerConfig

/** A pool whose saves compare nothing. */
function unguardedPool() {
  const pool = createPool(connection)
  return {
    getConnection: (/** @type {Function} */ done) =>
      pool.getConnection((error, connection) => {
        if (error) return done(error)
        const execute = connection.execute.bind(connection)
        done(null, {
          on: () => undefined,
          release: () => connection.release(),
          destroy: () => connection.destroy(),
          execute: (
            /** @type {{ sql: string }} */ config,
            /** @type {never} */ values,
            /** @type {never} */ callback,
          ) =>
            execute({ ...config, sql: config.sql.replace(/SUBSTRING\(.*\) = \?/, '? IS NOT NULL') }, values, callback),
        })
      }),
    on: () => undefined,
    off: () => undefined,
    end: () => undefined,
  }
}

await serve({
  ...options,
  provider: 'mysql',
  ...(unguarded && { provider: mysql({ pool: unguardedPool(), table }), providerConfig: '' }),
})
