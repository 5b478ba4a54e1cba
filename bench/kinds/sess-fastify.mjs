import { sessioner } from '@sess/core/fastify'
import Fastify from 'fastify'
import { act } from '../scenarios.mjs'

export async function sessFastify(options) {
  const app = Fastify()
  app.register(sessioner, options)
  app.get('/*', async (req, reply) => {
    reply.type('text/plain')
    return act(req.url, req.session)
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}
