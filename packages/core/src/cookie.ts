/**
 * One cookie in, one Set-Cookie out.
 * @module
 */
import { serialize } from 'cookie'
import { OptionError, show } from './errors.js'

/** The longest Cookie header that is looked at; Node takes 16 KiB of headers in all. */
const MAX_HEADER = 32 * 1024

/**
 * The value of the one cookie with this name; `undefined` when there is none, or several: one of them may be planted.
 * A direct search, since a parser for all cookies takes six times longer.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > MAX_HEADER) return undefined
  let value: string | undefined
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    if (!startsCookie(header, at) || header[at + name.length] !== '=') continue
    if (value !== undefined) return undefined
    const end = header.indexOf(';', at)
    value = header.slice(at + name.length + 1, end < 0 ? undefined : end).trim()
  }
  return value
}

function startsCookie(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before--
  return before < 0 || header[before] === ';'
}

/** The attributes of a session's cookie. */
export interface CookieAttributes {
  readonly name: string
  readonly path: string
  readonly domain: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly partitioned: boolean
  /** Seconds; 0: until the browser ends. */
  readonly lifetime: number
}

const PLACE = 'TOKEN'

/** Set-Cookie headers, rendered once and filled with a token later: a general serialiser takes 3 µs each time. */
export class CookieWriter {
  readonly #attributes: CookieAttributes
  readonly #plain: readonly [string, string]
  readonly #secure: readonly [string, string]

  /** @throws {OptionError} `SESS_OPTION` naming the attribute that has a character it must not have */
  constructor(attributes: CookieAttributes) {
    this.#attributes = attributes
    this.#plain = split(this.#render(PLACE, false))
    this.#secure = split(this.#render(PLACE, true))
  }

  /** Sets the cookie. @param lifetime seconds, where a session has one of its own */
  set(value: string, secure: boolean, lifetime?: number): string {
    if (lifetime !== undefined) return this.#render(value, secure, { maxAge: lifetime })
    const [before, after] = secure ? this.#secure : this.#plain
    return before + value + after
  }

  /** Removes the cookie: the same attributes, else the browser keeps it. */
  clear(secure: boolean): string {
    return this.#render('', secure, { maxAge: 0, expires: new Date(0) })
  }

  #render(value: string, secure: boolean, ending?: { maxAge: number; expires?: Date }): string {
    const { name, path, domain, sameSite, partitioned, lifetime } = this.#attributes
    return serialize(name, value, {
      path,
      httpOnly: true,
      sameSite,
      secure,
      ...(partitioned && { partitioned }),
      ...(domain !== '' && { domain }),
      ...(lifetime > 0 && { maxAge: lifetime }),
      ...ending,
    })
  }
}

function split(header: string): [string, string] {
  const at = header.indexOf(PLACE, header.indexOf('='))
  return [header.slice(0, at), header.slice(at + PLACE.length)]
}

/** RFC 9110's `token`, which RFC 6265 wants of a name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Names the attribute that the `cookie` package refuses (CVE-2024-47764: attributes injected through them). */
export function checkCookieText(option: string, value: string, part: 'name' | 'path' | 'domain'): void {
  try {
    if (part === 'name' && !TOKEN.test(value)) throw new TypeError('not a token') // the package lets some more pass
    serialize(part === 'name' ? value : 'name', '', part === 'name' ? {} : { [part]: value })
  } catch (cause) {
    throw new OptionError(option, `a cookie ${part} as RFC 6265 has it`, show(value), { cause })
  }
}
