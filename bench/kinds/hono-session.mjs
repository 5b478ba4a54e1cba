// Hono's own session package.
import { getRequestListener } from '@hono/node-server'
import { useSession, useSessionStorage } from '@hono/session'
import { Hono } from 'hono'
import { act } from '../scenarios.mjs'

/** @param storage without it the session is in the cookie, encrypted; with it, its id is */
export function honoSession(storage) {
  const app = new Hono()
  if (storage) app.use(useSessionStorage(storage))
  app.use(useSession({ secret: 'a'.repeat(32) }))
  app.get('/*', async (c) => {
    const data = (await Promise.resolve(c.get('session').get())) ?? {}
    let changed = false
    const body = await act(c.req.path, {
      get: (key) => data[key],
      set: (key, value) => {
        data[key] = value
        changed = true
      },
      destroy: () => c.get('session').delete(),
    })
    if (changed) await c.get('session').update(data)
    return c.text(body)
  })
  return getRequestListener(app.fetch)
}
