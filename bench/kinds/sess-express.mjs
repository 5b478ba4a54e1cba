import { sessioner } from '@sess/core/express'
import express from 'express'
import { act } from '../scenarios.mjs'

export function sessExpress(options) {
  const app = express()
  app.use(sessioner(options))
  app.use(async (req, res) => res.type('text/plain').end(await act(req.url, req.session)))
  return app
}
