// Koa's own session package.
import Koa from 'koa'
import { createSession } from 'koa-session'
import { act } from '../scenarios.mjs'

export function koaSession(store) {
  const app = new Koa()
  app.keys = ['keyboard cat']
  app.use(createSession({ store, maxAge: 3_600_000 }, app))
  app.use(async (ctx) => {
    ctx.body = await act(ctx.path, {
      get: (key) => ctx.session[key],
      set: (key, value) => void (ctx.session[key] = value),
      destroy: () => void (ctx.session = null),
    })
  })
  return app.callback()
}
