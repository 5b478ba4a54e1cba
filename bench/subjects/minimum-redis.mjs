// GET and EXPIRE, sent together; SET EX.
import { Redis } from 'ioredis'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'redis'
export const service = 'redis'
export const isMinimum = true

export function listener() {
  const redis = new Redis(process.env.REDIS_URL)
  return byHand({
    load: async (id) => (await Promise.all([redis.get(id), redis.expire(id, 3600)]))[0],
    create: (id, text) => redis.set(id, text, 'EX', 3600),
    remove: (id) => redis.del(id),
  })
}
