import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'

const folder = fileURLToPath(new URL('../views', import.meta.url))

/**
 * @param {import('express').Express} app
 */
export function useViews(app) {
  const views = nunjucks.configure(folder, { autoescape: true, express: app, trimBlocks: true, lstripBlocks: true })
  views.addFilter('price', (/** @type {number} */ cents) => `€ ${(cents / 100).toFixed(2)}`)
  views.addFilter('duration', durationOf)
  views.addFilter('time', (/** @type {Date} */ date) => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`)
}

/** @param {number} seconds */
function durationOf(seconds) {
  const units = /** @type {const} */ ([
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ])
  const [unit, length] = units.find(([, length]) => seconds % length === 0) ?? ['second', 1]
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / length)
}
