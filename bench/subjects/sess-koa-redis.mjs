import '@sess/provider-redis'
import { sessKoa } from '../kinds/sess-koa.mjs'

export const framework = 'koa'
export const backend = 'redis'
export const service = 'redis'

export const listener = () => sessKoa({ provider: 'redis', providerConfig: process.env.REDIS_URL })
