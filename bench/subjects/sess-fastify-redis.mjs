import '@sess/provider-redis'
import { sessFastify } from '../kinds/sess-fastify.mjs'

export const framework = 'fastify'
export const backend = 'redis'
export const service = 'redis'

export const listener = () => sessFastify({ provider: 'redis', providerConfig: process.env.REDIS_URL })
