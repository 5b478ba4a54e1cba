// One framework's entry and no other import of '@sess/core'.
import { sessioner } from '@sess/core/koa'
import Koa from 'koa'

declare module '@sess/core' {
  interface SessionData {
    cart: string[]
  }
}

export const app = new Koa()
app.use(sessioner())
app.use((ctx) => {
  const cart: string[] | undefined = ctx.session.get('cart')
  // @ts-expect-error: a known key has its type
  ctx.session.set('cart', 'tea')
  ctx.body = cart?.join()
})
