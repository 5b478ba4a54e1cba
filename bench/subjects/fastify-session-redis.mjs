import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import { fastifySession } from '../kinds/fastify-session.mjs'

export const framework = 'fastify'
export const backend = 'redis'
export const service = 'redis'

export async function listener() {
  const client = await createClient({ url: process.env.REDIS_URL }).connect()
  return fastifySession(new RedisStore({ client }))
}
