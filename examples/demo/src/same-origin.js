/**
 * Refuses a POST that another site's page made the browser send (CSRF).
 *
 * The session's cookie is `SameSite=Lax`, so browsers leave it out of such requests already. That does not stop pages on
 * a sibling domain (`evil.example.com` is the same *site* as `shop.example.com`), nor forms without a session, such as
 * log-in. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones and plain HTTP in `Origin`; a page can
 * forge neither. A client that sends neither is no browser, so it holds nobody's cookie but its own.
 *
 * A token in every form would do as well, but it begins a session for each visitor who only looks.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 *
 * @type {import('express').RequestHandler}
 */
export function sameOriginOnly(req, res, next) {
  if (req.method === 'GET' || req.method === 'HEAD' || isSameOrigin(req)) return next()
  next(Object.assign(new Error('This form was sent from another site.'), { status: 403, expose: true }))
}

/** @param {import('express').Request} req */
function isSameOrigin(req) {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === req.get('host')
}
