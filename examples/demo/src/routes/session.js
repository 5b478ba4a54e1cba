import { inspect } from 'node:util'
import { Router } from 'express'
import { page } from '../page.js'

/**
 * What the visitor's session holds.
 * @param {import('@sess/core').Manager} manager
 */
export function sessionRoutes(manager) {
  const router = Router()

  router.get('/session', async (req, res) => {
    const { session } = req
    const stored = session.isNew
      ? undefined
      : { id: session.id, createdAt: session.createdAt, lifetime: session.lifetime }
    const entries = session.entries().map(([key, value]) => ({ key, value: inspect(value, { depth: 5 }) }))
    const { name } = manager.provider
    return page(req, res, 'session.njk', { stored, entries, provider: name, count: await countOf(manager) })
  })

  router.post('/session/regenerate', async (req, res) => {
    await req.session.regenerate()
    res.redirect(303, '/session')
  })

  return router
}

/**
 * @param {import('@sess/core').Manager} manager
 * @returns {Promise<number | undefined>} nothing when the store can't tell
 */
async function countOf(manager) {
  try {
    return await manager.count()
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code === 'SESS_UNSUPPORTED') return undefined
    throw error
  }
}
