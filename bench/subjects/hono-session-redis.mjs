import { Redis } from 'ioredis'
import { honoSession } from '../kinds/hono-session.mjs'

export const framework = 'hono'
export const backend = 'redis'
export const service = 'redis'

export function listener() {
  const redis = new Redis(process.env.REDIS_URL)
  const storage = {
    get: async (id) => JSON.parse((await redis.get(id)) ?? 'null'),
    set: (id, value) => redis.set(id, JSON.stringify(value), 'EX', 3600),
    delete: (id) => redis.del(id),
  }
  return honoSession(storage)
}
