import '@sess/provider-redis'
import { sess } from '../kinds/sess.mjs'

export const backend = 'redis'
export const service = 'redis'

export const listener = () => sess({ provider: 'redis', providerConfig: process.env.REDIS_URL })
