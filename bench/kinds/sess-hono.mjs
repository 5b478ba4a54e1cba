import { getRequestListener } from '@hono/node-server'
import { sessioner } from '@sess/core/hono'
import { Hono } from 'hono'
import { act } from '../scenarios.mjs'

export function sessHono(options) {
  const app = new Hono()
  app.use(sessioner(options))
  app.get('/*', async (c) => c.text(await act(c.req.path, c.get('session'))))
  return getRequestListener(app.fetch)
}
