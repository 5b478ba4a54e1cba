import '@sess/provider-redis'
import { sessExpress } from '../kinds/sess-express.mjs'

export const framework = 'express'
export const backend = 'redis'
export const service = 'redis'

export const listener = () => sessExpress({ provider: 'redis', providerConfig: process.env.REDIS_URL })
