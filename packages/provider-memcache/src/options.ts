/**
 * The options, checked when the provider is opened.
 * @module
 */
import { OptionError, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import { PROVIDER } from './errors.js'

/** Options of `memcache()`; as a config string `127.0.0.1:9090;127.0.0.1:9091`, others behind: `;prefix=shop:`. */
export interface MemcacheProviderOptions {
  /** `host:port` of each server, port 11211 where it is missing, IPv6 in brackets. @default ['127.0.0.1:11211'] */
  servers?: readonly string[]
  /** The SASL user. @default none */
  username?: string
  /** The SASL user's password, which goes over the wire as it is. @default none */
  password?: string
  /** Seconds within which a server has to answer. At most `storeTimeout`. @default half of storeTimeout */
  timeout?: number
  /** What each key starts with; no blanks, 180 bytes at most. @default 'session:' */
  prefix?: string
}

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** The options as the layers below use them. */
export interface Settings {
  readonly servers: readonly Address[]
  readonly username?: string
  readonly password?: string
  /** Seconds. */
  readonly timeout: number
  readonly prefix: string
}

const NAMES = ['servers', 'username', 'password', 'timeout', 'prefix']
/** A key has 250 bytes at most, and an id 64. */
const MAX_PREFIX = 180
const ADDRESS = /^(?:\[([\da-f:.%\w]+)\]|([^\s:@/[\]|,;]+))(?::(\d{1,5}))?$/i

/** The name that a server has in messages, and by which keys are spread. */
export const nameOf = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * @param storeTimeout seconds that the manager waits
 * @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other
 */
export function resolve(config: ProviderConfig, storeTimeout: number): Settings {
  const options = typeof config === 'string' ? optionsOf(config) : (config as MemcacheProviderOptions)
  for (const key of Object.keys(options)) rejectUnknownKey(PROVIDER, key, NAMES)
  const { username, password, timeout, prefix = 'session:' } = options
  check(isText(username), 'username', 'a text that is not empty')
  check(isText(password), 'password', 'a text that is not empty')
  check((username === undefined) === (password === undefined), 'password', 'a password with a username, or neither')
  const isPrefix = typeof prefix === 'string' && /^[!-~]+$/.test(prefix) && prefix.length <= MAX_PREFIX
  check(isPrefix, 'prefix', `1 to ${MAX_PREFIX} ASCII characters without blanks`)
  return {
    servers: serversOf(options.servers ?? ['127.0.0.1']),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    timeout: timeoutOf(timeout, storeTimeout),
    prefix,
  }
}

const isText = (value: unknown): boolean => value === undefined || (typeof value === 'string' && value !== '')

function timeoutOf(timeout: unknown, storeTimeout: number): number {
  if (timeout === undefined) return storeTimeout / 2
  const isRight = typeof timeout === 'number' && timeout > 0 && timeout <= storeTimeout
  check(isRight, 'timeout', `seconds, more than 0 and at most storeTimeout, which is ${storeTimeout}`)
  return timeout as number
}

function serversOf(texts: readonly string[]): Address[] {
  check(Array.isArray(texts) && texts.length > 0, 'servers', 'host:port of one server or more')
  const servers = texts.map(parseAddress)
  check(new Set(servers.map(nameOf)).size === servers.length, 'servers', 'each server once', 'one of them twice')
  return servers
}

function parseAddress(text: unknown): Address {
  const [, v6, name, digits] = (typeof text === 'string' && ADDRESS.exec(text.trim())) || []
  const host = v6 ?? name
  const port = digits === undefined ? 11_211 : Number(digits)
  check(host !== undefined && port >= 1 && port <= 65_535, 'servers', 'host:port, an IPv6 address in brackets')
  return { host: host!, port }
}

/** Parts between semicolons: with `=` they are options, without servers. */
function optionsOf(text: string): MemcacheProviderOptions {
  const options: Record<string, unknown> = {}
  const servers: string[] = []
  for (const part of text.split(';')) {
    const at = part.indexOf('=')
    if (at >= 0) setOption(options, part.slice(0, at).trim(), part.slice(at + 1).trim())
    else if (part.trim() !== '') servers.push(serverBefore(options, part))
  }
  return { ...options, ...(servers.length > 0 && { servers }) }
}

/** A semicolon in a password ends it: what follows may be the rest of it, and no name to look up and to tell of. */
function serverBefore(options: object, part: string): string {
  check(!('password' in options), 'providerConfig', 'all servers before the password, and no semicolon in it')
  return part
}

function setOption(options: Record<string, unknown>, key: string, value: string): void {
  // It may be the rest of a password here, too.
  if ('password' in options) check(NAMES.includes(key), 'providerConfig', `one of ${NAMES.slice(1).join(', ')}`)
  rejectUnknownKey(PROVIDER, key, NAMES.slice(1))
  check(!(key in options), 'providerConfig', 'each option once', `${key} twice`)
  options[key] = key === 'timeout' ? Number(value || Number.NaN) : value
}

/** Values are not shown: they may be a password, or hold one. */
function check(holds: boolean, name: string, expected: string, got: string = 'something else'): void {
  if (!holds) throw new OptionError(name, expected, got)
}
