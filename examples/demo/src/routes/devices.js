import { Router } from 'express'
import { page } from '../page.js'

/**
 * Where the visitor is logged in, and the means to end that.
 * @param {import('@sess/core').Manager} manager
 */
export function deviceRoutes(manager) {
  const router = Router()

  router.use('/devices', (req, res, next) => {
    if (req.session.userId !== undefined) return next()
    req.flash.info('Log in to see where you are logged in')
    return res.redirect(303, '/login')
  })

  router.get('/devices', async (req, res) => {
    const devices = await manager.sessionsOf(/** @type {string} */ (req.session.userId))
    return page(req, res, 'devices.njk', { devices, current: req.session.id })
  })

  router.post('/devices/:id/end', async (req, res) => {
    const mine = await manager.sessionsOf(/** @type {string} */ (req.session.userId))
    // An id says nothing about whose session it is: only what is listed may be ended.
    if (mine.some(({ id }) => id === req.params.id)) await manager.destroy(req.params.id)
    req.flash.success('That session was ended')
    res.redirect(303, '/devices')
  })

  router.post('/devices/end-others', async (req, res) => {
    const { userId, id } = req.session
    const ended = await manager.logoutUser(/** @type {string} */ (userId), { except: id })
    req.flash.success(`Other sessions ended: ${ended}`)
    res.redirect(303, '/devices')
  })

  return router
}
