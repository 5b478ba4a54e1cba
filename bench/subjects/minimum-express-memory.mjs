import express from 'express'
import { visitsByHand } from '../kinds/by-hand.mjs'
import { mapOfTexts } from '../kinds/map-of-texts.mjs'
import { act } from '../scenarios.mjs'

export const framework = 'express'
export const backend = 'memory'
export const isMinimum = true

export function listener() {
  const visit = visitsByHand(mapOfTexts())
  const app = express()
  app.use(async (req, _res, next) => {
    req.session = await visit(req.headers.cookie)
    next()
  })
  app.use(async (req, res) => {
    const body = await act(req.url, req.session)
    req.session.save((cookie) => res.setHeader('Set-Cookie', cookie))
    res.type('text/plain').end(body)
  })
  return app
}
