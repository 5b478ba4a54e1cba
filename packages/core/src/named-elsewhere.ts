/**
 * What the fingers of those type who come from other middlewares.
 * @module
 */

/** What other middlewares call it, and what it is here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['store', 'provider'],
  ['name', 'cookieName'],
  ['key', 'cookieName'],
  ['cookie', 'cookiePath, domain, sameSite, secure, cookieLifeTime, each by itself'],
  ['cookieOptions', 'cookiePath, domain, sameSite, secure, cookieLifeTime, each by itself'],
  ['path', 'cookiePath'],
  ['maxAge', 'maxLifetime and cookieLifeTime, in seconds'],
  ['ttl', 'maxLifetime, in seconds'],
  ['password', 'secret'],
  ['keys', 'secret'],
  ['proxy', 'trustProxy'],
  ['httpOnly', 'none: every cookie is'],
  ['signed', 'none: secret signs it'],
  ['resave', 'none: what changed is saved'],
  ['saveUninitialized', 'none: a session that is empty is not saved'],
  ['rolling', 'none: who comes again is given time again'],
])

const plain = (name: string): string => name.replaceAll(/[-_]/g, '').toLowerCase()

/**
 * What an option has to be called instead of a name that is none.
 * @param names of the options
 */
export function meant(name: string, names: readonly string[]): string {
  const spelled = names.find((option) => plain(option) === plain(name))
  return spelled ?? ELSEWHERE.get(name) ?? `one of the options ${names.join(', ')}`
}
