import '@sess/provider-redis'
import { sessHono } from '../kinds/sess-hono.mjs'

export const framework = 'hono'
export const backend = 'redis'
export const service = 'redis'

export const listener = () => sessHono({ provider: 'redis', providerConfig: process.env.REDIS_URL })
