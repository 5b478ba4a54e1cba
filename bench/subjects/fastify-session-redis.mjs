// Fastify with its own session package; what Fastify itself costs is in the figure.
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { RedisStore } from 'connect-redis'
import Fastify from 'fastify'
import { createClient } from 'redis'
import { act } from '../scenarios.mjs'

export const backend = 'redis'
export const service = 'redis'

export async function listener() {
  const client = await createClient({ url: process.env.REDIS_URL }).connect()
  const app = Fastify()
  app.register(cookie)
  app.register(session, {
    secret: 'a keyboard cat of at least 32 characters',
    store: new RedisStore({ client }),
    cookie: { secure: false },
    saveUninitialized: false,
  })
  app.get('/*', (req, reply) => {
    reply.type('text/plain')
    return act(req.url, { get: (key) => req.session.get(key), set: (key, value) => req.session.set(key, value) })
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}
