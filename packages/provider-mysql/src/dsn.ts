/**
 * The documented string, `username:password@protocol(address)/dbname?param=value`, and URLs. Messages never hold a
 * value, since it may be a password.
 * @module
 */
import { OptionError } from '@sess/core'

const OPTION = 'providerConfig'

/** The last `@` before `protocol(` ends the password, which may hold anything. */
const DSN =
  /^(?:(?<credentials>.*)@)?(?:(?<protocol>[a-z]+)(?:\((?<address>[^()]*)\))?)?\/(?<dbname>[^/?]*)(?:\?(?<params>.*))?$/s

/**
 * Keys and values. `username`, `password`, `host`, `port`, `socket` and `dbname` stand for what has its own place.
 * @throws {OptionError} `SESS_OPTION` on what has another form
 */
export function parseDsn(text: string): Map<string, string> {
  const { credentials, protocol = 'tcp', address, dbname, params } = DSN.exec(text)?.groups ?? {}
  if (dbname === undefined) throw notDsn()
  const pairs = paramsOf(params)
  if (credentials !== undefined) {
    const colon = credentials.indexOf(':')
    set(pairs, 'username', colon < 0 ? credentials : credentials.slice(0, colon))
    if (colon >= 0) set(pairs, 'password', credentials.slice(colon + 1))
  }
  set(pairs, 'dbname', decoded(dbname))
  if (protocol === 'unix')
    set(pairs, 'socket', address || '/tmp/mysql.sock') // what the documented grammar takes for none
  else if (protocol === 'tcp') setAddress(pairs, address ?? '')
  else throw new OptionError(OPTION, 'tcp(host:port) or unix(/path)', 'another protocol')
  return pairs
}

const ADDRESS = /^(?:\[([^[\]]+)\]|([^:[\]]*))(?::(\d+))?$/

function setAddress(pairs: Map<string, string>, address: string): void {
  const [, v6, name, port] = ADDRESS.exec(address) ?? []
  const host = v6 ?? name
  if (host === undefined) throw new OptionError(OPTION, 'tcp(host:port), an IPv6 address in brackets', 'something else')
  set(pairs, 'host', host)
  set(pairs, 'port', port ?? '')
}

/**
 * The same of a URL, `mysql://username:password@host:port/dbname?param=value`.
 * @throws {OptionError} `SESS_OPTION` on what is no such URL
 */
export function parseUrl(text: string): Map<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.hash !== '') throw notUrl()
  const pairs = paramsOf(url.search.slice(1))
  set(pairs, 'username', decoded(url.username))
  set(pairs, 'password', decoded(url.password))
  set(pairs, 'host', decoded(url.hostname).replace(/^\[(.*)\]$/, '$1'))
  set(pairs, 'port', url.port)
  set(pairs, 'dbname', decoded(url.pathname.slice(1)))
  return pairs
}

/** Names that have their own place, so that they are no params. */
const PLACED = new Set(['username', 'password', 'host', 'port', 'socket', 'dbname'])

function paramsOf(text = ''): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text.split('&').filter(Boolean)) {
    const at = part.indexOf('=')
    const key = decoded(part.slice(0, at < 0 ? undefined : at))
    if (at < 0 || PLACED.has(key)) throw new OptionError(OPTION, 'param=value parts behind the ?', JSON.stringify(key))
    pairs.set(key, decoded(part.slice(at + 1)))
  }
  return pairs
}

/** What is empty is as if it were not there. */
function set(pairs: Map<string, string>, key: string, value: string): void {
  if (value !== '') pairs.set(key, value)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw notUrl()
  }
}

const notDsn = (): OptionError =>
  new OptionError(OPTION, 'username:password@protocol(address)/dbname?param=value', 'something else')
const notUrl = (): OptionError => new OptionError(OPTION, 'special characters written as %xx', 'something else')
