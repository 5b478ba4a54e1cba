/**
 * Options that hold sessions to a standard: other defaults, and an error at start for what breaks a requirement.
 * `docs/security.md` goes through the requirements.
 * @module
 */
import { OptionError, show } from './errors.js'
import type { SessionOptions } from './options.js'

/** `'asvs-l2'`: OWASP ASVS 5.0, level 2. */
export type Profile = 'asvs-l2'

/** Seconds: NIST SP 800-63B-4 has an hour without use, and a day in all, for its level AAL2. */
export const LONGEST_UNUSED = 3600
const LONGEST_IN_ALL = 86_400
/** Base64url characters that hold 128 bits. */
const ID_LENGTH = 22

/** The defaults of a profile, where neither code nor environment nor file says otherwise. */
export function profileDefaults({ profile, domain }: SessionOptions): SessionOptions {
  if (profile === undefined) return {}
  return {
    secure: true,
    cookiePrefix: domain ? '__Secure-' : '__Host-',
    maxLifetime: 1800,
    absoluteLifetime: 43_200,
    idLength: ID_LENGTH,
  }
}

type Requirement = readonly [
  option: keyof SessionOptions,
  requirement: string,
  expected: string,
  holds: (options: SessionOptions) => boolean,
]

const REQUIREMENTS: readonly Requirement[] = [
  ['secure', '3.3.1', 'true', ({ secure }) => secure === true],
  ['cookiePrefix', '3.3.1', "'__Host-', or '__Secure-' with a domain", ({ cookiePrefix }) => cookiePrefix !== ''],
  [
    'cookiePrefix',
    '3.3.3',
    "'__Host-', since there is no domain",
    ({ cookiePrefix, domain }) => cookiePrefix === '__Host-' || domain !== '',
  ],
  ['sameSite', '3.3.2', "'lax' or 'strict'", ({ sameSite }) => sameSite !== 'none'],
  ['idLength', '7.2.3', `${ID_LENGTH} or more, for 128 bits`, ({ idLength = 0 }) => idLength >= ID_LENGTH],
  ['maxLifetime', '7.3.1', `at most ${LONGEST_UNUSED}`, ({ maxLifetime = 0 }) => maxLifetime <= LONGEST_UNUSED],
  [
    'absoluteLifetime',
    '7.3.2',
    `1 to ${LONGEST_IN_ALL}`,
    ({ absoluteLifetime = 0 }) => absoluteLifetime > 0 && absoluteLifetime <= LONGEST_IN_ALL,
  ],
]

/**
 * @param placeOf where an option was said, for the message
 * @throws {OptionError} `SESS_OPTION` on an option that breaks a requirement of the profile, naming it
 */
export function checkProfile(options: SessionOptions, placeOf: (option: string) => string): void {
  if (options.profile === undefined) return
  for (const [option, requirement, expected, holds] of REQUIREMENTS) {
    if (holds(options)) continue
    const why = `since profile is '${options.profile}' (ASVS 5.0, ${requirement})`
    throw new OptionError(placeOf(option), `${expected}, ${why}`, show(options[option]))
  }
}
