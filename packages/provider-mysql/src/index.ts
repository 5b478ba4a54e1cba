/**
 * MySQL and MariaDB: `import '@sess/provider-mysql'` makes the provider `mysql` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { mysql } from './provider.js'

registerProvider('mysql', mysql, '@sess/provider-mysql')

export type { ExecuteOptions, MysqlConnection, MysqlPool } from './database.js'
export type {
  MysqlConnectionOptions,
  MysqlPoolOptions,
  MysqlProviderOptions,
  MysqlTableOptions,
  TlsMode,
} from './options.js'
export { createTableSql } from './schema.js'
export { mysql }
