/**
 * The options, with the documented names and defaults, checked once at start.
 * @module
 */
import { warn } from './builtin.js'
import { ValueCipher } from './cipher.js'
import type { Codec } from './codec.js'
import { defaultCodec, oneLine } from './codec.js'
import { readEnvironment, readSection } from './config-file.js'
import { CookieWriter } from './cookie.js'
import type { EncryptionKey } from './encryption-key.js'
import { encryptionKeysOf } from './encryption-key.js'
import { checkDecided, checkGiven, checkOption, checkTogether } from './option-checks.js'
import type { Profile } from './profile.js'
import { checkProfile, profileDefaults } from './profile.js'
import { ExpressCookie } from './express-cookie.js'
import type { ExpressCookieOptions } from './express-cookie.js'
import type { Provider, ProviderConfig } from './provider.js'
import { TokenSigner } from './token.js'
import type { Trust } from './trust.js'
import { trustOf } from './trust.js'

/** Options of `sessioner` and `createManager`. All durations are in seconds. */
export interface SessionOptions {
  /** A registered name, or an instance such as `redis({ client })`. @default 'memory' */
  provider?: string | Provider
  /**
   * What the provider is configured with: its documented config string, or its typed options. In an ini file the string
   * stands as it is, `;` and `#` included; one that has a blank before either goes between backticks or quotes.
   * @default ''
   */
  providerConfig?: ProviderConfig
  /**
   * Holds sessions to a standard: stricter defaults, and an error at start for an option that breaks it. `'asvs-l2'` is
   * OWASP ASVS 5.0, level 2. @default none
   */
  profile?: Profile
  /** The name of the cookie. @default 'MacaronSession' */
  cookieName?: string
  /** The path for which the browser sends the cookie. @default '/' */
  cookiePath?: string
  /** Seconds between two collections of expired sessions. @default 3600 */
  gcLifetime?: number
  /** Seconds after which an unused session expires. @default gcLifetime */
  maxLifetime?: number
  /** Seconds after which any session expires, used or not; 0: never. @default 0 */
  absoluteLifetime?: number
  /**
   * Seconds after which a session that goes on gets another token; 0: only at log-in and by `regenerate`. @default 0
   */
  renewEvery?: number
  /** Seconds for which, after `renewEvery`, the old token still leads to the session. @default 30 */
  renewGrace?: number
  /**
   * The cookie's `Secure`: always, never, or `'auto'`: whenever the request came over TLS, by its socket or by a
   * trusted proxy. @default 'auto'
   */
  secure?: boolean | 'auto'
  /** The cookie's `Max-Age` in seconds; 0: none, the cookie ends with the browser. @default 0 */
  cookieLifeTime?: number
  /** The cookie's `Domain`; empty: this host alone. @default '' */
  domain?: string
  /** The cookie's `SameSite`. @default 'lax' */
  sameSite?: 'lax' | 'strict' | 'none'
  /** The cookie's `Partitioned` (CHIPS); needs `secure`. @default false */
  partitioned?: boolean
  /** Put before the cookie's name, so that the browser holds the cookie to the rules of the prefix. @default '' */
  cookiePrefix?: '' | '__Host-' | '__Secure-'
  /** Characters of a session id, 11 to 43. @default 16 */
  idLength?: number
  /**
   * Signs tokens, so that a forged one costs no look-up. Several: the first signs, all are taken. In a variable or an ini
   * file commas part them, so that none can hold a comma there. @default none
   */
  secret?: string | readonly string[]
  /**
   * Encrypts the values in the store: 32 bytes, or a text of them in base64, base64url or hex. Several: the first
   * encrypts, all decrypt; in a variable or an ini file with commas between them. @default none
   */
  encryptionKey?: EncryptionKey | readonly EncryptionKey[]
  /**
   * The signed cookie of an express-session that this middleware replaces: who comes with it goes on with the session
   * that `toExpressStore` of `@sess/express-store` kept, and gets our cookie. @default none
   */
  expressCookie?: ExpressCookieOptions
  /** Load the session when a handler asks for it, by `await session.load()`. @default false */
  lazy?: boolean
  /** Seconds within which the store has to answer. @default 5 */
  storeTimeout?: number
  /**
   * When the session can't be loaded: `'fail'` the request, or serve it as `'anonymous'`: what the session holds reads
   * as absent, a change is refused, and the cookie stays. @default 'fail'
   */
  onOutage?: 'fail' | 'anonymous'
  /**
   * Whose `X-Forwarded-Proto` is believed: nobody's, everybody's, or that of addresses and CIDR ranges; in a variable or
   * an ini file with commas between them. @default false
   */
  trustProxy?: boolean | readonly string[]
  /** How values become text. @default JSON, richer values tagged */
  codec?: Codec
  /** The time in milliseconds since the epoch, for tests. @default Date.now */
  clock?: () => number
  /**
   * An ini file with a section of options, one `KEY = value` a line. A comment begins with `;` or `#`, at a line's start
   * or after a blank. A value between backticks, double or single quotes is taken as it stands. @default none
   */
  configFile?: string
  /** The section of `configFile`. @default 'session' */
  section?: string
}

/** The options as the layers below use them. */
export interface ResolvedOptions {
  readonly provider: string | Provider
  readonly providerConfig: ProviderConfig
  readonly profile?: Profile
  readonly cookieName: string
  readonly cookie: CookieWriter
  readonly cookieLifeTime: number
  readonly gcLifetime: number
  readonly maxLifetime: number
  readonly absoluteLifetime: number
  readonly renewEvery: number
  readonly renewGrace: number
  readonly secure: boolean | 'auto'
  readonly idLength: number
  readonly signer: TokenSigner | undefined
  readonly cipher: ValueCipher | undefined
  readonly expressCookie: ExpressCookie | undefined
  readonly lazy: boolean
  readonly storeTimeout: number
  readonly onOutage: 'fail' | 'anonymous'
  readonly trust: Trust
  /** Whether `trustProxy` was said; where it was not, Express's own setting counts. */
  readonly trustIsSet: boolean
  /** Whether `trustProxy` lists addresses. */
  readonly trustsAddresses: boolean
  readonly codec: Codec
  readonly clock: () => number
}

const DEFAULTS = {
  provider: 'memory',
  providerConfig: '',
  cookieName: 'MacaronSession',
  cookiePath: '/',
  gcLifetime: 3600,
  absoluteLifetime: 0,
  renewEvery: 0,
  renewGrace: 30,
  secure: 'auto',
  cookieLifeTime: 0,
  domain: '',
  sameSite: 'lax',
  partitioned: false,
  cookiePrefix: '',
  idLength: 16,
  lazy: false,
  storeTimeout: 5,
  onOutage: 'fail',
  codec: defaultCodec,
  clock: Date.now,
} satisfies SessionOptions

type CompleteOptions = SessionOptions & Required<Pick<SessionOptions, keyof typeof DEFAULTS>>

/**
 * What code says wins over the environment (`SESSION_*`), that over the ini file, that over the default.
 * @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other
 */
export function resolveOptions(
  given: SessionOptions = {},
  env: NodeJS.ProcessEnv = globalThis.process?.env ?? {},
): ResolvedOptions {
  checkGiven(given)
  const code = withoutUndefined(given)
  const environment = readEnvironment(env)
  const said: SessionOptions = { ...environment.options, ...code }
  const file = said.configFile === undefined ? undefined : readSection(said.configFile, said.section ?? 'session')
  checkDecided(given, { ...file?.options, ...said })
  const defaults = { ...DEFAULTS, ...profileDefaults({ ...file?.options, ...said }) }
  const options: CompleteOptions = { ...defaults, ...file?.options, ...said }
  const placeOf = (option: string): string =>
    (Object.hasOwn(code, option) ? undefined : (environment.places.get(option) ?? file?.places.get(option))) ?? option
  for (const [name, value] of Object.entries(options)) checkOption(name, value, placeOf(name))
  checkProfile(options, placeOf)
  checkTogether(options, placeOf)
  return resolved(options)
}

function withoutUndefined(options: SessionOptions): SessionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function resolved({ encryptionKey, ...options }: CompleteOptions): ResolvedOptions {
  const { cookiePath: path, domain, sameSite, partitioned, cookieLifeTime, secret, expressCookie, codec } = options
  const cookieName = options.cookiePrefix + options.cookieName
  const secrets = secret === undefined ? undefined : typeof secret === 'string' ? [secret] : secret
  return {
    ...options,
    cookieName,
    cookie: new CookieWriter({ name: cookieName, path, domain, sameSite, partitioned, lifetime: cookieLifeTime }),
    maxLifetime: options.maxLifetime ?? options.gcLifetime,
    signer: secrets && new TokenSigner(secrets),
    cipher:
      encryptionKey === undefined ? undefined : new ValueCipher(encryptionKeysOf('encryptionKey', encryptionKey), warn),
    expressCookie: expressCookie && new ExpressCookie(expressCookie),
    trust: trustOf(options.trustProxy ?? false),
    trustIsSet: options.trustProxy !== undefined,
    trustsAddresses: Array.isArray(options.trustProxy),
    codec: codec === defaultCodec ? codec : oneLine(codec),
  }
}
