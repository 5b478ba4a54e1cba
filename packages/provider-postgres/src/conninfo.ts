/**
 * libpq's connection strings: `user=a password='b c' host=localhost`, and URLs. Messages never hold a value, since it
 * may be a password.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
 * @module
 */
import { OptionError } from '@sess/core'

const OPTION = 'providerConfig'

/** Quoted, or up to the next blank; a backslash takes the next character as it is. */
const PAIR = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*|(?=\s|$)))/sy

/**
 * Keys and values of a keyword/value string. As in libpq the last one of a key counts.
 * @throws {OptionError} `SESS_OPTION` on a key without `=`, or a quote that is not closed
 */
export function parseConninfo(text: string): Map<string, string> {
  const pairs = new Map<string, string>()
  const trimmed = text.trimEnd()
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < trimmed.length) {
    const pair = PAIR.exec(trimmed)
    if (!pair) throw new OptionError(OPTION, "key=value pairs, or key='value'", 'something else')
    const [, key, quoted, plain] = pair
    pairs.set(key!, (quoted ?? plain)!.replace(/\\(.)/gs, '$1'))
  }
  return pairs
}

/**
 * The same of a URL, `postgres://user:password@host:port/dbname?key=value`.
 * @throws {OptionError} `SESS_OPTION` on what is no such URL
 */
export function parseUrl(text: string): Map<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.hash !== '') throw notUrl()
  const pairs = new Map<string, string>()
  const set = (key: string, value: string): unknown => value !== '' && pairs.set(key, decoded(value))
  set('host', url.hostname.replace(/^\[(.*)\]$/, '$1'))
  set('port', url.port)
  set('user', url.username)
  set('password', url.password)
  set('dbname', url.pathname.slice(1))
  for (const part of url.search.slice(1).split('&').filter(Boolean)) {
    const [key = '', ...rest] = part.split('=')
    pairs.set(decoded(key), decoded(rest.join('=')))
  }
  return pairs
}

/** A `+` is a plus, as in libpq. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw notUrl()
  }
}

const notUrl = (): OptionError =>
  new OptionError(OPTION, 'postgres://user:password@host:port/dbname, special characters as %xx', 'something else')
