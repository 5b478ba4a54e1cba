/**
 * How long a session may ask to live: more than `maxLifetime`, for visitors who want to be remembered.
 * @module
 */
import { OptionError, SessionError, show } from './errors.js'
import type { Manager } from './manager.js'
import type { ResolvedOptions } from './options.js'
import { LONGEST_UNUSED } from './profile.js'

/** 400 days: browsers keep no cookie for longer (RFC 6265bis). */
const LONGEST = 34_560_000

/**
 * @throws {OptionError} `SESS_OPTION` on what is no lifetime of a session
 * @throws {SessionError} `SESS_UNSUPPORTED` where the provider keeps all sessions for the same time
 */
export function checkLifetime({ options, provider }: Manager, seconds: unknown): number {
  const { maxLifetime } = options
  const [longest, limit] = limitOf(options)
  const isLifetime = Number.isInteger(seconds) && (seconds as number) >= maxLifetime && (seconds as number) <= longest
  if (!isLifetime) {
    const expected = `whole seconds from maxLifetime (${maxLifetime}) to ${longest}, ${limit}`
    throw new OptionError('lifetime', expected, show(seconds))
  }
  if (provider.keepsLifetimes || seconds === maxLifetime) return seconds as number
  const message = `session.lifetime: provider ${provider.name} keeps every session for maxLifetime (${maxLifetime} s)`
  throw new SessionError('SESS_UNSUPPORTED', message, { provider: provider.name })
}

/** What ends first, in seconds, and what that is. */
function limitOf({ maxLifetime, absoluteLifetime, profile }: ResolvedOptions): [seconds: number, name: string] {
  const limits: [number, string][] = [[Math.max(maxLifetime, LONGEST), 'the longest that browsers keep a cookie']]
  if (absoluteLifetime > 0) limits.push([Math.max(maxLifetime, absoluteLifetime), 'absoluteLifetime'])
  if (profile !== undefined) limits.push([LONGEST_UNUSED, `the most of profile '${profile}'`])
  return limits.sort(([a], [b]) => a - b)[0]!
}
