/**
 * Parts from which the drivers build the parsers of their config strings. Messages never hold a value of the string,
 * since it may be a password.
 * @module
 */
import { OptionError, show } from './errors.js'

const OPTION = 'providerConfig'

/**
 * The documented form of redis and ledis: `key=value,key=value`. A value may contain `=`; blanks around keys and
 * values don't count.
 * @throws {OptionError} `SESS_OPTION` on a part without `=`, a key twice, or one that is not among `known`
 */
export function parseKeyValues(provider: string, text: string, known: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const at = part.indexOf('=')
    const key = part.slice(0, at < 0 ? undefined : at).trim()
    if (at < 0) throw new OptionError(OPTION, `key=value parts for ${provider}`, 'a part without "="')
    if (pairs.has('password') && !known.includes(key)) {
      // A comma in a password ends it: what follows may be the rest of it.
      throw new OptionError(OPTION, `one of ${known.join(', ')} for ${provider}`, 'something else behind the password')
    }
    rejectUnknownKey(provider, key, known)
    if (pairs.has(key)) throw new OptionError(OPTION, `each key once for ${provider}`, `${show(key)} twice`)
    pairs.set(key, part.slice(at + 1).trim())
  }
  return pairs
}

/** @throws {OptionError} `SESS_OPTION` when the driver doesn't know `key` */
export function rejectUnknownKey(provider: string, key: string, known: readonly string[]): void {
  if (known.includes(key)) return
  throw new OptionError(
    OPTION,
    `one of ${known.join(', ')} for ${provider}`,
    NAME.test(key) ? show(key) : 'another text',
  )
}

/** What is shown of a key or a number: with a separator missing, the rest may be a password. */
const NAME = /^[\w-]{1,24}$/
const NUMERIC = /^[\w.+-]{1,20}$/

/** @throws {OptionError} `SESS_OPTION` unless `text` is a whole number from `min` to `max` */
export function parseWholeNumber(
  name: string,
  text: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  checkWholeNumber(name, Number.isNaN(number) ? text : number, min, max)
  return number
}

/** @throws {OptionError} `SESS_OPTION` unless `value` is a whole number from `min` to `max` */
export function checkWholeNumber(name: string, value: unknown, min: number, max: number): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return
  const upTo = max === Number.MAX_SAFE_INTEGER ? ' up' : ` to ${max}`
  const isShown = typeof value !== 'string' || NUMERIC.test(value)
  throw new OptionError(name, `a whole number from ${min}${upTo}`, isShown ? show(value) : 'another text')
}
