import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'

const folder = fileURLToPath(new URL('../views', import.meta.url))

/**
 * @param {import('express').Express} app
 */
export function useViews(app) {
  const views = nunjucks.configure(folder, { autoescape: true, express: app, trimBlocks: true, lstripBlocks: true })
  views.addFilter('price', (/** @type {number} */ cents) => `€ ${(cents / 100).toFixed(2)}`)
  views.addFilter('time', (/** @type {Date} */ date) => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`)
}
