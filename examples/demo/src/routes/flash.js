import { Router } from 'express'
import { field } from '../form.js'
import { page } from '../page.js'

/** @typedef {import('@sess/core').FlashKind} FlashKind */

/** @type {Record<FlashKind, string>} */
const TEXTS = {
  success: 'Your order is on its way',
  error: 'The oven is too hot',
  info: 'Fresh cookies at four o’clock',
  warning: 'Only two left in the jar',
}
const kinds = /** @type {FlashKind[]} */ (Object.keys(TEXTS))

/** The four kinds of messages, for this response and for the next. */
export function flashRoutes() {
  const router = Router()

  router.get('/flash', (req, res) => page(req, res, 'flash.njk', { kinds }))

  router.post('/flash', (req, res) => {
    const kind = kinds.find((one) => one === field(req, 'kind')) ?? 'info'
    if (field(req, 'when') === 'now') {
      req.flash[kind](`${TEXTS[kind]} (said in this response)`, true)
      return page(req, res, 'flash.njk', { kinds })
    }
    req.flash[kind](`${TEXTS[kind]} (left for the next response)`)
    return res.redirect(303, '/flash')
  })

  return router
}
