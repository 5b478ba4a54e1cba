/**
 * How long a session may ask to live: more than `maxLifetime`, for visitors who want to be remembered.
 * @module
 */
import { OptionError, SessionError, show } from './errors.js'
import type { Manager } from './manager.js'

/** 400 days: browsers keep no cookie for longer (RFC 6265bis). */
const LONGEST = 34_560_000

/**
 * @throws {OptionError} `SESS_OPTION` on what is no lifetime of a session
 * @throws {SessionError} `SESS_UNSUPPORTED` where the provider keeps all sessions for the same time
 */
export function checkLifetime({ options, provider }: Manager, seconds: unknown): number {
  const { maxLifetime, absoluteLifetime } = options
  const longest = Math.max(maxLifetime, absoluteLifetime === 0 ? LONGEST : Math.min(LONGEST, absoluteLifetime))
  const isLifetime = Number.isInteger(seconds) && (seconds as number) >= maxLifetime && (seconds as number) <= longest
  if (!isLifetime) {
    const end = longest === absoluteLifetime ? 'absoluteLifetime' : 'the longest that browsers keep a cookie'
    const expected = `whole seconds from maxLifetime (${maxLifetime}) to ${longest}, ${end}`
    throw new OptionError('lifetime', expected, show(seconds))
  }
  if (provider.keepsLifetimes || seconds === maxLifetime) return seconds as number
  const message = `session.lifetime: provider ${provider.name} keeps every session for maxLifetime (${maxLifetime} s)`
  throw new SessionError('SESS_UNSUPPORTED', message, { provider: provider.name })
}
