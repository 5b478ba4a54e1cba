/**
 * Options from outside the code: a section of an ini file, and variables `SESSION_*`.
 *
 * Both take each option's name in capitals with underscores (`MAX_LIFETIME`, `SESSION_MAX_LIFETIME`), and the ini file
 * also the names that the ancestor's documentation has (`GC_INTERVAL_TIME`, `MAX_LIFE_TIME`).
 * @module
 */
import { builtin } from './builtin.js'
import { OptionError, show } from './errors.js'
import { parseSection } from './ini-section.js'
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
const YES = /^(true|1|yes|on)$/i
const NO = /^(false|0|no|off)$/i
const boolean: Read = (option, value) => {
  if (YES.test(value)) return true
  if (NO.test(value)) return false
  throw new OptionError(option, 'true or false', show(value))
}
const lower: Read = (_option, value) => value.toLowerCase()
const list: Read = (_option, value) => value.split(',').map((item) => item.trim())
const secure: Read = (option, value) => (YES.test(value) || NO.test(value) ? boolean : lower)(option, value)
/** Not `1`: Express has that for one proxy, where `true` is everybody. */
const proxies: Read = (option, value) => (/^(true|false)$/i.test(value) ? boolean : list)(option, value)

/** Options that text says, and where it says each, as an error names the place. */
export interface TextOptions {
  readonly options: SessionOptions
  readonly places: ReadonlyMap<string, string>
}

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
  SECURE: ['secure', secure],
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
  TRUST_PROXY: ['trustProxy', proxies],
}

/** Names of the ancestor's ini files that differ. */
const ANCESTOR_NAMES: Record<string, string> = {
  GC_INTERVAL_TIME: 'GC_LIFETIME',
  MAX_LIFE_TIME: 'MAX_LIFETIME',
  COOKIE_SAME_SITE: 'SAME_SITE',
}

/**
 * The ancestor's too. `true` is what we do: whoever reads the session of a WebSocket releases it. With `false`, which has
 * the ancestor save it when the socket closes, somebody would count on what doesn't happen.
 */
const IGNORE_RELEASE = 'IGNORE_RELEASE_FOR_WEBSOCKET'

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
export function readEnvironment(env: NodeJS.ProcessEnv): TextOptions {
  const options: Record<string, unknown> = {}
  const places = new Map<string, string>()
  for (const [name, [option, read]] of Object.entries({ ...NAMES, ...PLACES })) {
    const value = env[PREFIX + name]
    if (value === undefined) continue
    places.set(option, PREFIX + name)
    options[option] = read(PREFIX + name, value)
  }
  return { options, places }
}

/**
 * The options of one section of an ini file; none when the file has no such section. Values are taken as they stand, or
 * between quotes: see `ini-section.ts`.
 * @throws {OptionError} `SESS_OPTION` when the file can't be read, a key is unknown or a value wrong
 */
export function readSection(path: string, section: string): TextOptions {
  const values = parseSection(textOf(path), section)
  const options: Record<string, unknown> = {}
  const places = new Map<string, string>()
  for (const [key, value] of values) {
    const name = key.toUpperCase()
    const known = NAMES[ANCESTOR_NAMES[name] ?? name]
    if (value === undefined) throw new OptionError(`[${section}]`, 'lines of the form KEY = value', 'another line')
    if (name === IGNORE_RELEASE) {
      checkIgnoreRelease(`${key} in [${section}]`, value)
      continue
    }
    if (!known)
      throw new OptionError(`${key} in [${section}]`, `one of ${Object.keys(NAMES).join(', ')}`, 'another name')
    const [option, read] = known
    const place = `${option}, ${key} in [${section}]`
    places.set(option, place)
    options[option] = read(place, value)
  }
  return { options, places }
}

function checkIgnoreRelease(place: string, value: string): void {
  if (boolean(place, value) === true) return
  const expected = 'true or no such line, since only its own release() saves the session of a WebSocket'
  throw new OptionError(place, expected, show(value))
}

function textOf(path: string): string {
  try {
    return builtin('fs').readFileSync(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new OptionError('configFile', 'a readable ini file', `${show(path)} (${code})`, { cause })
  }
}
