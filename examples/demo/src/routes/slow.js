import { setTimeout as sleep } from 'node:timers/promises'
import { Router } from 'express'
import { page } from '../page.js'

/**
 * A request that takes its time and changes the session at its end: log out in another tab meanwhile.
 * @param {number} seconds
 */
export function slowRoutes(seconds) {
  const router = Router()

  router.get('/slow', (req, res) => page(req, res, 'slow.njk', { seconds, slow: req.session.get('slow') }))

  router.post('/slow', async (req, res) => {
    await sleep(seconds * 1000)
    // A session that was ended meanwhile stays ended: this throws SESS_GONE then (see error-page.js), and writes nothing. A plain `set`
    // would write nothing either, silently.
    await req.session.update('slow', (slow) => ({ runs: (slow?.runs ?? 0) + 1, last: new Date() }))
    req.flash.success('The slow request is done')
    res.redirect(303, '/slow')
  })

  return router
}
