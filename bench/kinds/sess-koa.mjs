import { sessioner } from '@sess/core/koa'
import Koa from 'koa'
import { act } from '../scenarios.mjs'

export function sessKoa(options) {
  const app = new Koa()
  app.use(sessioner(options))
  app.use(async (ctx) => {
    ctx.body = await act(ctx.path, ctx.session)
  })
  return app.callback()
}
