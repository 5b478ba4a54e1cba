/**
 * libpq's connection strings: `user=a password='b c' host=localhost`, and URLs. Messages never hold a value, since it
 * may be a password.
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
 * @module
 */
import { OptionError } from '@sess/core'

const OPTION = 'providerConfig'

/** C's isspace: a no-break space is a part of a value. */
const BLANK = String.raw`[ \t\n\v\f\r]`
/** Quoted, or up to the next blank; a backslash takes the next character as it is. */
const PAIR = new RegExp(
  String.raw`([^ \t\n\v\f\r=]+)${BLANK}*=${BLANK}*(?:'((?:[^'\\]|\\.)*)'|((?!')(?:[^ \t\n\v\f\r\\]|\\.|\\$)*))${BLANK}*`,
  'sy',
)

/**
 * Keys and values of a keyword/value string. As in libpq the last one of a key counts.
 * @throws {OptionError} `SESS_OPTION` on a key without `=`, or a quote that is not closed
 */
export function parseConninfo(text: string): Map<string, string> {
  const pairs = new Map<string, string>()
  PAIR.lastIndex = /[^ \t\n\v\f\r]|$/.exec(text)!.index
  while (PAIR.lastIndex < text.length) {
    const pair = PAIR.exec(text)
    if (!pair) throw new OptionError(OPTION, "key=value pairs, or key='value'", 'something else')
    const [, key, quoted, plain] = pair
    pairs.set(key!, (quoted ?? plain)!.replace(/\\(.?)/gs, '$1'))
  }
  return pairs
}

/** No URL of the web's: the host may be missing behind a user, as where it is the parameter `host=/socket`. */
const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^/]*?))?@)?(?:\[(?<v6>[^\]]*)\]|(?<host>[^:/?@[\]]*))(?::(?<port>\d*))?(?:\/(?<dbname>[^?]*))?(?:\?(?<params>.*))?$/is

/**
 * The same of a URL, `postgres://user:password@host:port/dbname?key=value`.
 * @throws {OptionError} `SESS_OPTION` on what is no such URL
 */
export function parseUrl(text: string): Map<string, string> {
  const { params = '', v6, host = v6, ...parts } = URL_PARTS.exec(text)?.groups ?? {}
  if (host === undefined) throw notUrl()
  const pairs = new Map<string, string>()
  for (const [key, value = ''] of Object.entries({ host, ...parts })) if (value !== '') pairs.set(key, decoded(value))
  for (const part of params.split('&').filter(Boolean)) {
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
