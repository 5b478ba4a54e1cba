/**
 * The documented config string, and URLs.
 * @module
 */
import { OptionError, parseKeyValues, parseWholeNumber, rejectUnknownKey } from '@sess/core'
import { PROVIDER } from './errors.js'
import type { RedisConnectionOptions } from './options.js'

/** How each option is called in a config string. */
export const KEYS: Record<string, string> = {
  network: 'network',
  addr: 'addr',
  username: 'username',
  password: 'password',
  db: 'db',
  poolSize: 'pool_size',
  idleTimeout: 'idle_timeout',
  prefix: 'prefix',
  tls: 'tls',
  ca: 'ca',
  haMode: 'ha_mode',
  masterName: 'master_name',
  sentinelAddrs: 'sentinel_addrs',
} satisfies Record<keyof RedisConnectionOptions, string>

const OPTION = 'providerConfig'

/** A word as it was given; else, with a separator missing, a password may be behind it. */
export const shown = (value: unknown): string =>
  typeof value === 'string' && /^[\w-]{1,20}$/.test(value) ? JSON.stringify(value) : 'something else'

/**
 * What a config string says; checked no further than that it can be read.
 * @throws {OptionError} `SESS_OPTION` on an unknown key, or a text that is no number where there must be one
 */
export function optionsOf(text: string): RedisConnectionOptions {
  const isUrl = /^\s*["']?[a-z][\w+.-]*:\/\//i.test(text) || /^\s*rediss?:/i.test(text)
  const pairs = isUrl ? pairsOfUrl(text.trim()) : parseKeyValues(PROVIDER, text, Object.values(KEYS))
  const options: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(KEYS)) {
    const value = pairs.get(key)
    if (value !== undefined) options[name] = (READERS[key] ?? String)(value, key)
  }
  return options
}

const wholeNumber = (value: string, key: string): number => parseWholeNumber(key, value, 0)
const list = (value: string): string[] => value.split('|').map((part) => part.trim())

/** Keys whose value is not the text itself. */
const READERS: Record<string, (value: string, key: string) => unknown> = {
  db: wholeNumber,
  pool_size: wholeNumber,
  idle_timeout: wholeNumber,
  tls: (value, key) => {
    if (value !== 'true' && value !== 'false') throw new OptionError(key, 'true or false', shown(value))
    return value === 'true'
  },
  addr: (value) => (value.includes('|') ? list(value) : value),
  sentinel_addrs: list,
}

/** What may stand behind the `?` of a URL; the rest has its own place there. */
const IN_QUERY = ['pool_size', 'idle_timeout', 'prefix', 'ca']

/** `redis://user:password@host:port/db?prefix=app:`, with TLS `rediss://`. */
function pairsOfUrl(text: string): Map<string, string> {
  const { protocol, host, pathname, username, password, searchParams, hash } = urlOf(text)
  const pairs = new Map<string, string>()
  if (host !== '') pairs.set('addr', host)
  if (username !== '') pairs.set('username', decoded(username))
  if (password !== '') pairs.set('password', decoded(password))
  if (pathname.length > 1) pairs.set('db', pathname.slice(1))
  if (protocol === 'rediss:') pairs.set('tls', 'true')
  if (hash !== '') throw new OptionError(OPTION, 'a URL without #', 'one with it')
  for (const [key, value] of searchParams) {
    rejectUnknownKey(PROVIDER, key, IN_QUERY)
    if (pairs.has(key)) throw new OptionError(OPTION, 'each key once', `${key} twice`)
    pairs.set(key, value)
  }
  return pairs
}

/** The error is not passed on: it holds the text. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^rediss?:\/\//i.test(text)) return url
  throw new OptionError(OPTION, 'redis://user:password@host:port/db, special characters as %xx', 'something else')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new OptionError(OPTION, 'a URL whose special characters are written as %xx', 'something else')
  }
}
