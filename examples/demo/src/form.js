/**
 * A field of a form; empty when it is missing or was sent several times.
 * @param {import('express').Request} req
 * @param {string} name
 * @returns {string}
 */
export function field(req, name) {
  const value = /** @type {Record<string, unknown> | undefined} */ (req.body)?.[name]
  return typeof value === 'string' ? value : ''
}

/**
 * The page to go back to, as the form says it; the first page when that is no path of ours.
 * @param {import('express').Request} req
 */
export function pageBefore(req) {
  const here = 'http://localhost'
  const path = field(req, 'back')
  const url = URL.canParse(path, here) ? new URL(path, here) : undefined
  // `//evil.example` and `/\evil.example` are other hosts to a browser, and to URL.
  return path.startsWith('/') && url?.origin === here ? url.pathname : '/'
}
