/**
 * Redis and Valkey: `import '@sess/provider-redis'` makes the provider `redis` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { redis } from './provider.js'

registerProvider('redis', redis, '@sess/provider-redis')

export type { RedisClient, RedisNode } from './client.js'
export type { RedisClientOptions, RedisConnectionOptions, RedisProviderOptions } from './options.js'
export { redis }
