import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { visitsByHand } from '../kinds/by-hand.mjs'
import { mapOfTexts } from '../kinds/map-of-texts.mjs'
import { act } from '../scenarios.mjs'

export const framework = 'hono'
export const backend = 'memory'
export const isMinimum = true

export function listener() {
  const visit = visitsByHand(mapOfTexts())
  const app = new Hono()
  app.use(async (c, next) => {
    const session = await visit(c.req.header('Cookie'))
    c.set('session', session)
    await next()
    session.save((cookie) => c.header('Set-Cookie', cookie))
  })
  app.get('/*', async (c) => c.text(await act(c.req.path, c.get('session'))))
  return getRequestListener(app.fetch)
}
