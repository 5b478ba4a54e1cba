import Fastify from 'fastify'

export const framework = 'fastify'
export const isBase = true
export const scenarios = ['anonymous']

export async function listener() {
  const app = Fastify()
  app.get('/*', async (_req, reply) => {
    reply.type('text/plain')
    return 'nobody'
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}
