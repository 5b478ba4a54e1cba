// Fastify's own session package.
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import { act } from '../scenarios.mjs'

export async function fastifySession(store) {
  const app = Fastify()
  app.register(cookie)
  app.register(session, {
    secret: 'a keyboard cat of at least 32 characters',
    ...(store && { store }),
    cookie: { secure: false },
    saveUninitialized: false,
  })
  app.get('/*', async (req, reply) => {
    reply.type('text/plain')
    return act(req.url, {
      get: (key) => req.session.get(key),
      set: (key, value) => req.session.set(key, value),
      destroy: () => req.session.destroy(),
    })
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}
