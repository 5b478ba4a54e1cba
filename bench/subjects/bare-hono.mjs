import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'

export const framework = 'hono'
export const isBase = true
export const scenarios = ['anonymous']

export function listener() {
  const app = new Hono()
  app.get('/*', async (c) => c.text('nobody'))
  return getRequestListener(app.fetch)
}
