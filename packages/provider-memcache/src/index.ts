/**
 * Memcached: `import '@sess/provider-memcache'` makes the provider `memcache` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { memcache } from './provider.js'

registerProvider('memcache', memcache, '@sess/provider-memcache')

export type { MemcacheProviderOptions } from './options.js'
export { memcache }
