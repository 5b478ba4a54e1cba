const HEADERS = {
  // Own style sheet and pictures, own forms, nothing else: no script at all, and no frame around us.
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/** @type {import('express').RequestHandler} */
export const securityHeaders = (_req, res, next) => {
  res.set(HEADERS)
  return next()
}
