/**
 * The options, with the documented names and defaults, checked once at start.
 * @module
 */
import { warn } from './builtin.js'
import { ValueCipher } from './cipher.js'
import type { Codec } from './codec.js'
import { defaultCodec } from './codec.js'
import { readEnvironment, readSection } from './config-file.js'
import { checkWholeNumber } from './config-string.js'
import { checkCookieText, CookieWriter } from './cookie.js'
import type { EncryptionKey } from './encryption-key.js'
import { encryptionKeysOf } from './encryption-key.js'
import { OptionError, SessionError, show } from './errors.js'
import type { Profile } from './profile.js'
import { checkProfile, profileDefaults } from './profile.js'
import { checkExpressCookie, ExpressCookie } from './express-cookie.js'
import type { ExpressCookieOptions } from './express-cookie.js'
import type { Provider, ProviderConfig } from './provider.js'
import { TokenSigner } from './token.js'
import type { Trust } from './trust.js'
import { trustOf } from './trust.js'

/** Options of `sessioner` and `createManager`. All durations are in seconds. */
export interface SessionOptions {
  /** A registered name, or an instance such as `redis({ client })`. @default 'memory' */
  provider?: string | Provider
  /** What the provider is configured with: its documented config string, or its typed options. @default '' */
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
  /** Signs tokens, so that a forged one costs no look-up. Several: the first signs, all are taken. @default none */
  secret?: string | readonly string[]
  /**
   * Encrypts the values in the store: 32 bytes, or a text of them in base64, base64url or hex. Several: the first
   * encrypts, all decrypt. @default none
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
  /** Whose `X-Forwarded-Proto` is believed: nobody's, everybody's, or that of addresses and CIDR ranges. @default false */
  trustProxy?: boolean | readonly string[]
  /** How values become text. @default JSON, richer values tagged */
  codec?: Codec
  /** The time in milliseconds since the epoch, for tests. @default Date.now */
  clock?: () => number
  /** An ini file with a section of options. @default none */
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

/** The longest time that timers and 32-bit seconds hold: 24 days for the former, so intervals end there. */
const MAX_INTERVAL = 2_147_483
const MAX_SECONDS = 2_147_483_647

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

/** Every name, with the check of its value; a name that is not here is an error. */
const CHECKS: Record<keyof SessionOptions, (option: string, value: never) => void> = {
  provider: checkProvider,
  providerConfig: (option, value: unknown) =>
    check(typeof value === 'string' || isObject(value), option, 'a config string or an object', value),
  profile: (option, value: unknown) => checkOneOf(option, value, ['asvs-l2']),
  cookieName: (option, value: unknown) => {
    check(typeof value === 'string' && value !== '', option, 'the name of a cookie', value)
    checkCookieText(option, value as string, 'name')
  },
  cookiePath: (option, value: unknown) => {
    check(typeof value === 'string' && value.startsWith('/'), option, 'a path that starts with /', value)
    checkCookieText(option, value as string, 'path')
  },
  gcLifetime: (option, value: unknown) => checkWholeNumber(option, value, 1, MAX_INTERVAL),
  maxLifetime: (option, value: unknown) => checkWholeNumber(option, value, 1, MAX_SECONDS),
  absoluteLifetime: (option, value: unknown) => checkWholeNumber(option, value, 0, MAX_SECONDS),
  renewEvery: (option, value: unknown) => checkWholeNumber(option, value, 0, MAX_SECONDS),
  renewGrace: (option, value: unknown) => checkWholeNumber(option, value, 1, MAX_INTERVAL),
  secure: (option, value: unknown) => checkOneOf(option, value, [true, false, 'auto']),
  cookieLifeTime: (option, value: unknown) => checkWholeNumber(option, value, 0, MAX_SECONDS),
  domain: (option, value: unknown) => {
    check(typeof value === 'string', option, 'the name of a domain', value)
    if (value !== '') checkCookieText(option, value as string, 'domain')
  },
  sameSite: (option, value: unknown) => checkOneOf(option, value, ['lax', 'strict', 'none']),
  partitioned: checkBoolean,
  cookiePrefix: (option, value: unknown) => checkOneOf(option, value, ['', '__Host-', '__Secure-']),
  idLength: (option, value: unknown) => checkWholeNumber(option, value, 11, 43),
  secret: checkSecrets,
  encryptionKey: (option, value: unknown) => void encryptionKeysOf(option, value),
  expressCookie: checkExpressCookie,
  lazy: checkBoolean,
  storeTimeout: (option, value: unknown) =>
    check(typeof value === 'number' && value > 0 && value <= MAX_INTERVAL, option, 'seconds, more than 0', value),
  onOutage: (option, value: unknown) => checkOneOf(option, value, ['fail', 'anonymous']),
  trustProxy: (_option, value: unknown) => void trustOf(value),
  codec: (option, value: unknown) =>
    check(
      isObject(value) && typeof (value as Codec).encode === 'function' && typeof (value as Codec).decode === 'function',
      option,
      'an object with encode and decode',
      value,
    ),
  clock: (option, value: unknown) => check(typeof value === 'function', option, 'a function that gives ms', value),
  configFile: (option, value: unknown) => check(typeof value === 'string' && value !== '', option, 'a path', value),
  section: (option, value: unknown) =>
    check(typeof value === 'string' && value !== '', option, 'the name of a section', value),
}

/** The names of all options, as code has them. */
export const OPTION_NAMES = Object.keys(CHECKS) as (keyof SessionOptions)[]

/**
 * What code says wins over the environment (`SESSION_*`), that over the ini file, that over the default.
 * @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other
 */
export function resolveOptions(
  given: SessionOptions = {},
  env: NodeJS.ProcessEnv = globalThis.process?.env ?? {},
): ResolvedOptions {
  check(isObject(given), 'options', 'an object', given)
  const environment = readEnvironment(env)
  const said: SessionOptions = { ...environment, ...withoutUndefined(given) }
  const fromFile = said.configFile === undefined ? {} : readSection(said.configFile, said.section ?? 'session')
  const defaults = { ...DEFAULTS, ...profileDefaults({ ...fromFile, ...said }) }
  const options: CompleteOptions = { ...defaults, ...fromFile, ...said }
  for (const [name, value] of Object.entries(options)) checkOption(name, value)
  return resolved(options)
}

function withoutUndefined(options: SessionOptions): SessionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(CHECKS, name)) {
    throw new OptionError(name, `one of the options ${OPTION_NAMES.join(', ')}`, `the unknown name ${show(name)}`)
  }
  CHECKS[name as keyof SessionOptions](name, value as never)
}

function resolved({ encryptionKey, ...options }: CompleteOptions): ResolvedOptions {
  checkProfile(options)
  checkTogether(options)
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

/** Combinations that a browser would refuse, silently, and those that can't be. */
function checkTogether(options: CompleteOptions): void {
  const { renewEvery, renewGrace } = options
  const isShorter = renewEvery === 0 || renewGrace < renewEvery
  check(isShorter, 'renewGrace', `less than renewEvery (${renewEvery})`, renewGrace)
  const { secure, sameSite, partitioned, cookiePrefix, domain, cookiePath } = options
  const needsSecure = (option: string, value: string): void => {
    check(secure === true, 'secure', `true, since ${option} is ${value}`, secure)
  }
  if (sameSite === 'none') needsSecure('sameSite', "'none'")
  if (partitioned) needsSecure('partitioned', 'true')
  if (cookiePrefix !== '') needsSecure('cookiePrefix', `'${cookiePrefix}'`)
  if (cookiePrefix === '__Host-') {
    check(domain === '', 'domain', "none, since cookiePrefix is '__Host-'", domain)
    check(cookiePath === '/', 'cookiePath', "'/', since cookiePrefix is '__Host-'", cookiePath)
  }
}

/** A codec of the application's, held to what a record needs: JSON, on one line. */
function oneLine(codec: Codec): Codec {
  return {
    decode: (text, key) => codec.decode(text, key),
    encode: (value, key) => {
      const text = codec.encode(value, key)
      if (typeof text === 'string' && !text.includes('\n') && isJson(text)) return text
      const message = `option codec: expected encode to give JSON on one line for ${JSON.stringify(key)}, got ${show(text)}`
      throw new SessionError('SESS_VALUE', message)
    },
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // the caller says what was expected
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

function check(holds: boolean, option: string, expected: string, got: unknown): void {
  if (!holds) throw new OptionError(option, expected, show(got))
}

function checkBoolean(option: string, value: unknown): void {
  check(typeof value === 'boolean', option, 'true or false', value)
}

function checkOneOf(option: string, value: unknown, values: readonly unknown[]): void {
  check(values.includes(value), option, `one of ${values.map(show).join(', ')}`, value)
}

function checkProvider(option: string, value: unknown): void {
  const isName = typeof value === 'string' && value !== ''
  const members = ['init', 'read', 'exist', 'destroy', 'regenerate', 'count', 'gc']
  const isProvider =
    isObject(value) && members.every((m) => typeof (value as Record<string, unknown>)[m] === 'function')
  check(isName || isProvider, option, `a name, or a provider with ${members.join(', ')}`, value)
}

/** The message never shows what was given. */
function checkSecrets(option: string, value: unknown): void {
  const secrets: unknown[] = Array.isArray(value) ? value : [value]
  const isStrong = (secret: unknown): boolean => typeof secret === 'string' && secret.length >= 16
  if (secrets.length > 0 && secrets.every(isStrong)) return
  throw new OptionError(option, 'one or several texts of at least 16 characters', 'something else')
}
