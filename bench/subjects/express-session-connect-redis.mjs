import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'redis'
export const service = 'redis'

export async function listener() {
  const client = await createClient({ url: process.env.REDIS_URL }).connect()
  return expressSession(new RedisStore({ client }))
}
