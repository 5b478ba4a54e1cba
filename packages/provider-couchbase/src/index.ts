/**
 * Couchbase: `import '@sess/provider-couchbase'` makes the provider `couchbase` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { couchbase } from './provider.js'

registerProvider('couchbase', couchbase, '@sess/provider-couchbase')

export type {
  CouchbaseCollection,
  CouchbaseCollectionOptions,
  CouchbaseConnectionOptions,
  CouchbaseProviderOptions,
  Durability,
} from './options.js'
export { couchbase }
