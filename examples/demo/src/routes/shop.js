import { Router } from 'express'
import { linesOf, without, withOneMore } from '../cart.js'
import { field, pageBefore } from '../form.js'
import { page } from '../page.js'
import { findProduct } from '../products.js'

/** The shop and its cart. */
export function shopRoutes() {
  const router = Router()

  router.get('/', (req, res) => page(req, res, 'shop.njk'))

  router.get('/cart', (req, res) => {
    const lines = linesOf(req.session.get('cart'))
    return page(req, res, 'cart.njk', { lines, total: lines.reduce((sum, line) => sum + line.total, 0) })
  })

  router.post('/cart/add', async (req, res) => {
    const product = findProduct(field(req, 'product'))
    if (product) {
      // Not `set('cart', …)`: that would write the cart as *this* request knew it, over what another tab just added.
      await req.session.update('cart', withOneMore(product.id))
      req.flash.success(`${product.name} is in your cart`)
    } else {
      req.flash.error('There is no such cookie')
    }
    res.redirect(303, pageBefore(req))
  })

  router.post('/cart/remove', async (req, res) => {
    await req.session.update('cart', without(field(req, 'product')))
    res.redirect(303, '/cart')
  })

  return router
}
