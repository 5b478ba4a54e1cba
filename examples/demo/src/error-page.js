import { page } from './page.js'

/** @typedef {{ title: string, text: string }} ErrorText */

const NOT_FOUND = { title: 'Not here', text: 'There is no such page.' }
const ENDED = {
  title: 'Your session has ended',
  text: 'Another tab logged out, or in, while a request of this one ran. Nothing of that request was saved.',
}
const OUTAGE = {
  title: 'Closed for a moment',
  text: 'The session store does not answer. Nothing is lost, and nobody is logged out: try again soon.',
}
const OTHER = { title: 'Something went wrong', text: 'It was not your fault. The details are in the log.' }

/** @type {import('express').RequestHandler} */
export const notFound = (req, res) => page(req, res.status(404), 'error.njk', { status: 404, ...NOT_FOUND })

/** @type {import('express').RequestHandler} */
export const endedPage = (req, res) => page(req, res, 'error.njk', ENDED)

/**
 * Answers what a handler or the session threw. Leaves the session alone: it may be what failed.
 * @type {import('express').ErrorRequestHandler}
 */
export function errorPage(error, _req, res, next) {
  if (res.headersSent) return next(error)
  // Elsewhere, by a redirect: there the browser's new cookie counts, and to reload does not send the form again.
  if (error.code === 'SESS_GONE') return res.redirect(303, '/ended')
  const status = Number.isInteger(error.status) ? error.status : 500
  if (status >= 500) console.error(error)
  return res.status(status).render('error.njk', { status, ...textOf(error, status) })
}

/**
 * @param {{ expose?: boolean, message: string }} error
 * @param {number} status
 * @returns {ErrorText}
 */
function textOf(error, status) {
  if (error.expose === true) return { title: 'This did not work', text: error.message }
  return status === 503 ? OUTAGE : OTHER
}
