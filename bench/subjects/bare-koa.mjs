import Koa from 'koa'

export const framework = 'koa'
export const isBase = true
export const scenarios = ['anonymous']

export function listener() {
  const app = new Koa()
  app.use((ctx) => {
    ctx.body = 'nobody'
  })
  return app.callback()
}
