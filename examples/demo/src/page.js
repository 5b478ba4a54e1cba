import { countOf } from './cart.js'
import { products } from './products.js'

/**
 * Renders a page with what every page shows: who is logged in, the cart, and the messages.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {string} view
 * @param {Record<string, unknown>} [data]
 */
export async function page(req, res, view, data = {}) {
  const { session, flash } = req
  // Views could simply read `Flash.SuccessMsg` and its like. `take` costs a commit when there is a message, and in
  // return two tabs that load at the same moment never show it both.
  const messages = [...(await flash.take()), ...flash.messages]
  const user = session.get('user')
  const cart = session.get('cart')
  res.set('Cache-Control', 'no-store') // neither a shared cache nor the Back button shows it to the next visitor
  res.render(view, { ...data, messages, user, products, inCart: countOf(cart), here: req.path })
}
