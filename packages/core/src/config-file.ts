/**
 * Options from outside the code: a section of an ini file, and variables `SESSION_*`.
 *
 * Both take each option's name in capitals with underscores (`MAX_LIFETIME`, `SESSION_MAX_LIFETIME`), and the ini file
 * also the names that the ancestor's documentation has (`GC_INTERVAL_TIME`, `MAX_LIFE_TIME`).
 * @module
 */
import { parse } from 'ini'
import { builtin } from './builtin.js'
import { OptionError, show } from './errors.js'
import type { SessionOptions } from './options.js'

type Read = (option: string, text: string) => unknown

const text: Read = (_option, value) => value
const wholeNumber: Read = (option, value) => {
  if (/^\d+$/.test(value)) return Number(value)
  throw new OptionError(option, 'a whole number', show(value))
}
const seconds: Read = (option, value) => {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
  throw new OptionError(option, 'a number of seconds', show(value))
}
const boolean: Read = (option, value) => {
  if (/^(true|1|yes|on)$/i.test(value)) return true
  if (/^(false|0|no|off)$/i.test(value)) return false
  throw new OptionError(option, 'true or false', show(value))
}
const booleanOr =
  (other: Read): Read =>
  (option, value) =>
    /^(true|false)$/i.test(value) ? boolean(option, value) : other(option, value)
const lower: Read = (_option, value) => value.toLowerCase()
const list: Read = (_option, value) => value.split(',').map((item) => item.trim())

/** The options that text can say, by their name in capitals. */
const NAMES: Record<string, readonly [keyof SessionOptions, Read]> = {
  PROVIDER: ['provider', text],
  PROVIDER_CONFIG: ['providerConfig', text],
  PROFILE: ['profile', text],
  COOKIE_NAME: ['cookieName', text],
  COOKIE_PATH: ['cookiePath', text],
  GC_LIFETIME: ['gcLifetime', wholeNumber],
  MAX_LIFETIME: ['maxLifetime', wholeNumber],
  ABSOLUTE_LIFETIME: ['absoluteLifetime', wholeNumber],
  RENEW_EVERY: ['renewEvery', wholeNumber],
  RENEW_GRACE: ['renewGrace', wholeNumber],
  SECURE: ['secure', booleanOr(lower)],
  COOKIE_LIFE_TIME: ['cookieLifeTime', wholeNumber],
  DOMAIN: ['domain', text],
  SAME_SITE: ['sameSite', lower],
  PARTITIONED: ['partitioned', boolean],
  COOKIE_PREFIX: ['cookiePrefix', text],
  ID_LENGTH: ['idLength', wholeNumber],
  SECRET: ['secret', list],
  ENCRYPTION_KEY: ['encryptionKey', list],
  LAZY: ['lazy', boolean],
  STORE_TIMEOUT: ['storeTimeout', seconds],
  ON_OUTAGE: ['onOutage', lower],
  TRUST_PROXY: ['trustProxy', booleanOr(list)],
}

/** Names of the ancestor's ini files that differ. */
const ANCESTOR_NAMES: Record<string, string> = {
  GC_INTERVAL_TIME: 'GC_LIFETIME',
  MAX_LIFE_TIME: 'MAX_LIFETIME',
  COOKIE_SAME_SITE: 'SAME_SITE',
}

/** Said in variables only: where the rest is. */
const PLACES: Record<string, readonly [keyof SessionOptions, Read]> = {
  CONFIG_FILE: ['configFile', text],
  SECTION: ['section', text],
}

const PREFIX = 'SESSION_'

/**
 * The options that variables `SESSION_*` say. Variables of other names under that prefix are left alone, since desktops
 * and shells have some (`SESSION_MANAGER`).
 * @throws {OptionError} `SESS_OPTION` on a value that is no number or boolean where one is expected
 */
export function readEnvironment(env: NodeJS.ProcessEnv): SessionOptions {
  const options: Record<string, unknown> = {}
  for (const [name, [option, read]] of Object.entries({ ...NAMES, ...PLACES })) {
    const value = env[PREFIX + name]
    if (value !== undefined) options[option] = read(PREFIX + name, value)
  }
  return options
}

/**
 * The options of one section of an ini file; none when the file has no such section.
 * @throws {OptionError} `SESS_OPTION` when the file can't be read, a key is unknown or a value wrong
 */
export function readSection(path: string, section: string): SessionOptions {
  const values = sectionOf(path, section)
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(values)) {
    const name = key.toUpperCase()
    const known = NAMES[ANCESTOR_NAMES[name] ?? name]
    if (!known)
      throw new OptionError(`${key} in [${section}]`, `one of ${Object.keys(NAMES).join(', ')}`, 'another name')
    const [option, read] = known
    options[option] = read(`${key} in [${section}]`, String(value))
  }
  return options
}

function sectionOf(path: string, section: string): object {
  const { readFileSync } = builtin('fs')
  try {
    const text = readFileSync(path, 'utf8')
    // The package splits section names at dots; the keys of [a.b] are found as a → b.
    const found = section.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], parse(text))
    return typeof found === 'object' && found !== null ? found : {}
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new OptionError('configFile', 'a readable ini file', `${show(path)} (${code})`, { cause })
  }
}
