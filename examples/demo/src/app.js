import { fileURLToPath } from 'node:url'
import express from 'express'
import { Accounts } from './accounts.js'
import { endedPage, errorPage, notFound } from './error-page.js'
import { accountRoutes } from './routes/account.js'
import { deviceRoutes } from './routes/devices.js'
import { flashRoutes } from './routes/flash.js'
import { sessionRoutes } from './routes/session.js'
import { shopRoutes } from './routes/shop.js'
import { slowRoutes } from './routes/slow.js'
import { sameOriginOnly } from './same-origin.js'
import { securityHeaders } from './security-headers.js'
import { useViews } from './views.js'

const publicFolder = fileURLToPath(new URL('../public', import.meta.url))

/**
 * @param {object} options
 * @param {import('@sess/core').Sessioner} options.sessions
 * @param {number} [options.slowSeconds] how long the slow page takes
 */
export function createApp({ sessions, slowSeconds = 2 }) {
  const app = express().disable('x-powered-by').disable('etag')
  useViews(app)
  app.use(securityHeaders)
  app.use(express.static(publicFolder, { maxAge: '1h' })) // before the sessions: a style sheet needs none
  app.use(sameOriginOnly)
  app.use(sessions)
  app.use(express.urlencoded({ extended: false, limit: '8kb' }))
  app.use(
    shopRoutes(),
    accountRoutes(new Accounts(), sessions.manager.options),
    flashRoutes(),
    sessionRoutes(sessions.manager),
    deviceRoutes(sessions.manager),
    slowRoutes(slowSeconds),
  )
  app.get('/ended', endedPage)
  app.use(notFound)
  app.use(errorPage)
  return app
}
