/**
 * What each option has to be.
 * @module
 */
import type { Codec } from './codec.js'
import { checkWholeNumber } from './config-string.js'
import { checkCookieText } from './cookie.js'
import { encryptionKeysOf } from './encryption-key.js'
import { OptionError, show, showName } from './errors.js'
import { checkExpressCookie } from './express-cookie.js'
import { meant } from './named-elsewhere.js'
import type { SessionOptions } from './options.js'
import { trustOf } from './trust.js'

/** The longest time that timers and 32-bit seconds hold: 24 days for the former, so intervals end there. */
const MAX_INTERVAL = 2_147_483
const MAX_SECONDS = 2_147_483_647

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
  trustProxy: (option, value: unknown) => void trustOf(value, option),
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
 * @param said where the value was said, for the message
 * @throws {OptionError} `SESS_OPTION` on a name that is none, and a value that can't be its
 */
export function checkOption(name: string, value: unknown, said: string = name): void {
  if (!Object.hasOwn(CHECKS, name))
    throw new OptionError(showName(name), meant(name, OPTION_NAMES), `the unknown name ${show(name)}`)
  CHECKS[name as keyof SessionOptions](said, value as never)
}

/** What is less secure where it is not said. */
const DECIDED = ['profile', 'secret', 'encryptionKey'] as const

/**
 * `secret: process.env.SECRET` asks for signatures also where the variable is unset: to go on without them would be noticed
 * by nobody.
 * @param said what the options, the environment and the ini file say together
 * @throws {OptionError} `SESS_OPTION` on an option that is `undefined`, has a weaker default, and is said nowhere else
 */
export function checkDecided(given: SessionOptions, said: SessionOptions): void {
  const open = DECIDED.find((name) => Object.hasOwn(given, name) && said[name] === undefined)
  if (open) throw new OptionError(open, 'a value, or not to be there', 'undefined: is a variable unset?')
}

/**
 * An option that is inherited, such as a getter of a class, would be passed over in silence: what `Object.prototype` may
 * have got from an attacker is not to count.
 * @throws {OptionError} `SESS_OPTION` on what are no options, and on an option that the object inherits
 */
export function checkGiven(options: SessionOptions): void {
  check(isObject(options), 'options', 'an object', options)
  check(!isProvider(options), 'options', 'an object, as in sessioner({ provider })', options)
  const inherited = OPTION_NAMES.find((name) => !Object.hasOwn(options, name) && options[name] !== undefined)
  if (inherited) throw new OptionError(inherited, 'a property of the options themselves', 'an inherited one')
}

type Related = Required<
  Pick<
    SessionOptions,
    | 'renewEvery'
    | 'renewGrace'
    | 'secure'
    | 'sameSite'
    | 'partitioned'
    | 'cookiePrefix'
    | 'cookieName'
    | 'domain'
    | 'cookiePath'
  >
>

/**
 * Combinations that a browser would refuse, silently, and those that can't be.
 * @param placeOf where an option was said, for the message
 */
export function checkTogether(options: Related, placeOf: (option: string) => string): void {
  const { renewEvery, renewGrace } = options
  const isShorter = renewEvery === 0 || renewGrace < renewEvery
  check(isShorter, placeOf('renewGrace'), `less than renewEvery (${renewEvery})`, renewGrace)
  const { secure, sameSite, partitioned } = options
  const isSecure = (why: string): void => check(secure === true, placeOf('secure'), `true, since ${why}`, secure)
  if (sameSite === 'none') isSecure("sameSite is 'none'")
  if (partitioned) isSecure('partitioned is true')
  const [prefix, why] = prefixOf(options)
  if (prefix !== '') isSecure(why)
  if (prefix === '__Host-') {
    const { domain, cookiePath } = options
    check(domain === '', placeOf('domain'), `none, since ${why}`, domain)
    check(cookiePath === '/', placeOf('cookiePath'), `'/', since ${why}`, cookiePath)
  }
}

/** Browsers know a prefix by the cookie's name, in any case, wherever we have it from (RFC 6265bis, 5.4). */
function prefixOf({ cookiePrefix, cookieName }: Related): [prefix: string, why: string] {
  if (cookiePrefix !== '') return [cookiePrefix, `cookiePrefix is '${cookiePrefix}'`]
  const prefix =
    ['__Host-', '__Secure-'].find((known) => cookieName.toLowerCase().startsWith(known.toLowerCase())) ?? ''
  return [prefix, `cookieName begins with '${prefix}'`]
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
  const isCalled = typeof value !== 'function'
  const expected = isCalled ? `a name, or a provider with ${MEMBERS.join(', ')}` : 'what the function gives: call it'
  check(isName || isProvider(value), option, expected, value)
}

const MEMBERS = ['init', 'read', 'exist', 'destroy', 'regenerate', 'count', 'gc']

const isProvider = (value: unknown): boolean =>
  isObject(value) && MEMBERS.every((member) => typeof (value as Record<string, unknown>)[member] === 'function')

/** The message never shows what was given; which of several it is tells whom a comma in a variable has surprised. */
function checkSecrets(option: string, value: unknown): void {
  const secrets: unknown[] = Array.isArray(value) ? value : [value]
  const isStrong = (secret: unknown): boolean => typeof secret === 'string' && secret.length >= 16
  const wrong = secrets.findIndex((secret) => !isStrong(secret))
  if (secrets.length > 0 && wrong < 0) return
  const place = secrets.length > 1 ? ` as number ${wrong + 1} of ${secrets.length}` : ''
  const got = secrets.length === 0 ? 'none' : `${sizeOf(secrets[wrong])}${place}`
  throw new OptionError(option, 'one or several texts of at least 16 characters', got)
}

const sizeOf = (secret: unknown): string =>
  typeof secret === 'string' ? `one of ${secret.length}` : `a value of type ${typeof secret}`
