/**
 * PostgreSQL: `import '@sess/provider-postgres'` makes the provider `postgres` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { postgres } from './provider.js'

registerProvider('postgres', postgres, '@sess/provider-postgres')

export type { PostgresPool } from './database.js'
export type {
  PostgresConnectionOptions,
  PostgresPoolOptions,
  PostgresProviderOptions,
  PostgresTableOptions,
  SslMode,
} from './options.js'
export { createTableSql } from './schema.js'
export { postgres }
