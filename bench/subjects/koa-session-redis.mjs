// Koa with its own session package; what Koa itself costs is in the figure.
import { Redis } from 'ioredis'
import Koa from 'koa'
import { createSession } from 'koa-session'
import { act } from '../scenarios.mjs'

export const backend = 'redis'
export const service = 'redis'

export function listener() {
  const redis = new Redis(process.env.REDIS_URL)
  const store = {
    get: async (key) => JSON.parse((await redis.get(key)) ?? 'null') ?? undefined,
    set: (key, value, maxAge) => redis.set(key, JSON.stringify(value), 'PX', maxAge),
    destroy: (key) => redis.del(key),
  }
  const app = new Koa()
  app.keys = ['keyboard cat']
  app.use(createSession({ store, maxAge: 3_600_000 }, app))
  app.use((ctx) => {
    const data = ctx.session
    ctx.body = act(ctx.path, { get: (key) => data[key], set: (key, value) => void (data[key] = value) })
  })
  return app.callback()
}
