import '@sess/provider-memcache'
import { sess } from '../kinds/sess.mjs'

export const backend = 'memcache'
export const service = 'memcached'

export const listener = () => sess({ provider: 'memcache', providerConfig: new URL(process.env.MEMCACHED_URL).host })
