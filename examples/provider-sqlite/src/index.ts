/**
 * SQLite: `import 'sess-provider-sqlite'` makes the provider `sqlite` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { sqlite } from './provider.js'

registerProvider('sqlite', sqlite, 'sess-provider-sqlite')

export type { SqliteProviderOptions } from './options.js'
export { sqlite }
