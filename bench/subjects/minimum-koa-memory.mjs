import Koa from 'koa'
import { visitsByHand } from '../kinds/by-hand.mjs'
import { mapOfTexts } from '../kinds/map-of-texts.mjs'
import { act } from '../scenarios.mjs'

export const framework = 'koa'
export const backend = 'memory'
export const isMinimum = true

export function listener() {
  const visit = visitsByHand(mapOfTexts())
  const app = new Koa()
  app.use(async (ctx, next) => {
    ctx.session = await visit(ctx.req.headers.cookie)
    await next()
    ctx.session.save((cookie) => ctx.set('Set-Cookie', cookie))
  })
  app.use(async (ctx) => {
    ctx.body = await act(ctx.path, ctx.session)
  })
  return app.callback()
}
