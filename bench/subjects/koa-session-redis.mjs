// With a store as its documentation has it.
import { Redis } from 'ioredis'
import { koaSession } from '../kinds/koa-session.mjs'

export const framework = 'koa'
export const backend = 'redis'
export const service = 'redis'

export function listener() {
  const redis = new Redis(process.env.REDIS_URL)
  const store = {
    get: async (key) => JSON.parse((await redis.get(key)) ?? 'null') ?? undefined,
    set: (key, value, maxAge) => redis.set(key, JSON.stringify(value), 'PX', maxAge),
    destroy: (key) => redis.del(key),
  }
  return koaSession(store)
}
