import Fastify from 'fastify'
import { visitsByHand } from '../kinds/by-hand.mjs'
import { mapOfTexts } from '../kinds/map-of-texts.mjs'
import { act } from '../scenarios.mjs'

export const framework = 'fastify'
export const backend = 'memory'
export const isMinimum = true

export async function listener() {
  const visit = visitsByHand(mapOfTexts())
  const app = Fastify()
  app.decorateRequest('session', null)
  app.addHook('onRequest', async (req) => {
    req.session = await visit(req.headers.cookie)
  })
  app.addHook('onSend', async (req, reply) => {
    req.session.save((cookie) => void reply.header('Set-Cookie', cookie))
  })
  app.get('/*', async (req, reply) => {
    reply.type('text/plain')
    return act(req.url, req.session)
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}
