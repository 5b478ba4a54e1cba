import express from 'express'

export const framework = 'express'
export const isBase = true
export const scenarios = ['anonymous']

export function listener() {
  const app = express()
  app.use((req, res) => res.type('text/plain').end('nobody'))
  return app
}
