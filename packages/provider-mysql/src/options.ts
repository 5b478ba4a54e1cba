/**
 * The options, checked when the provider is opened.
 * @module
 */
import type { SecureContextOptions } from 'node:tls'
import { checkWholeNumber, OptionError, parseWholeNumber, readPem, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import { parseTableName } from '@sess/sql'
import type { MysqlPool } from './database.js'
import { parseDsn, parseUrl } from './dsn.js'
import { isCharset } from './pool.js'

/**
 * `true`: encrypted, the server's certificate verified; `'skip-verify'`: encrypted, not verified; `'preferred'`: the
 * same where the server can, else in the clear.
 */
export type TlsMode = boolean | 'skip-verify' | 'preferred'

/** Options of a TLS connection, as mysql2 takes them. */
export type TlsOptions = SecureContextOptions & { rejectUnauthorized?: boolean; verifyIdentity?: boolean }

/** The table of the sessions. */
export interface MysqlTableOptions {
  /** Its name, or database and name with a dot between them. @default 'session' */
  table?: string
  /** Make the table at start if it is missing. @default false */
  createTable?: boolean
}

/** A pool of the application's. It is used as it is, and never closed. */
export interface MysqlPoolOptions extends MysqlTableOptions {
  /** The pool of `mysql2` or `mysql2/promise`. */
  pool: MysqlPool | { readonly pool: MysqlPool }
}

/** Connections of the provider's own. */
export interface MysqlConnectionOptions extends MysqlTableOptions {
  /** A name or an address. @default 'localhost' */
  host?: string
  /** @default 3306 */
  port?: number
  /** The path of a socket, instead of a host. */
  socketPath?: string
  /** @default none */
  database?: string
  /** The server's user. @default none */
  user?: string
  /** The user's password. @default none */
  password?: string
  /** Whether and how connections are encrypted. @default false */
  tls?: TlsMode | TlsOptions
  /** A PEM file of the authorities that sign the server's certificate; needs `tls`. @default those that Node trusts */
  ca?: string
  /** Seconds for a connection to be made. @default within storeTimeout */
  timeout?: number
  /** The connection's character set; sessions look the same in any. @default 'utf8mb4' */
  charset?: string
  /** Connections at most. @default 10 */
  poolSize?: number
}

/** Options of `mysql()`. */
export type MysqlProviderOptions = MysqlPoolOptions | (MysqlConnectionOptions & { pool?: never })

/** How to connect; one of `encryption` after the other is tried. */
export interface ConnectionSettings
  extends Omit<MysqlConnectionOptions, keyof MysqlTableOptions | 'tls' | 'ca' | 'charset' | 'poolSize'> {
  readonly encryption: readonly (TlsOptions | false)[]
  readonly charset: string
  readonly poolSize: number
}

/** The options as the layers below use them. */
export interface Settings {
  /** The parts of the table's name. */
  readonly table: readonly string[]
  readonly createTable: boolean
  readonly pool?: MysqlPool
  readonly connection?: ConnectionSettings
}

const PROVIDER = 'mysql'
/** The longest name that MySQL takes; its own limit is in characters. */
const MAX_NAME = 64
const MAX_POOL = 10_000
/** What a timer holds, in seconds. */
const MAX_TIMEOUT = 2_147_483

const TABLE_KEYS = { table: 'table', createTable: 'create_table' } satisfies Record<keyof MysqlTableOptions, string>

/** How each option is called in a config string. */
const KEYS: Record<string, string> = {
  host: 'host',
  port: 'port',
  socketPath: 'socket',
  database: 'dbname',
  user: 'username',
  password: 'password',
  tls: 'tls',
  ca: 'ca',
  timeout: 'timeout',
  charset: 'charset',
  poolSize: 'pool_size',
  ...TABLE_KEYS,
} satisfies Record<keyof MysqlConnectionOptions, string>

/** @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other */
export function resolve(config: ProviderConfig): Settings {
  if (typeof config === 'string') return new Resolver(optionsOf(config), (name) => KEYS[name] ?? name).settings()
  return new Resolver(config as MysqlConnectionOptions, (name) => name).settings()
}

/** What a config string says; checked no further than that it can be read. */
function optionsOf(text: string): MysqlConnectionOptions {
  const trimmed = text.trim()
  const pairs = /^(mysql|mariadb):\/\//i.test(trimmed) ? parseUrl(trimmed) : parseDsn(trimmed)
  for (const key of pairs.keys()) rejectUnknownKey(PROVIDER, key, Object.values(KEYS))
  const options: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(KEYS)) {
    const value = pairs.get(key)
    if (value !== undefined) options[name] = (READERS[key] ?? String)(value, key)
  }
  return options
}

const wholeNumber = (value: string, key: string): number => parseWholeNumber(key, value, 0)

function flag(value: string, key: string): boolean {
  if (value !== 'true' && value !== 'false') throw new OptionError(key, 'true or false', 'something else')
  return value === 'true'
}

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, '': 1 }

/** Seconds, or a number with its unit, as in `500ms` and `1m30s`. */
function duration(value: string, key: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$|^\d+$/.test(value)) {
    throw new OptionError(key, 'seconds, or a duration such as 500ms, 5s or 1m', JSON.stringify(value))
  }
  let seconds = 0
  for (const [, number, unit] of value.matchAll(/([\d.]+)(ms|s|m|h|)/g)) seconds += Number(number) * UNITS[unit!]!
  return seconds
}

/** Keys whose value is not the text itself. */
const READERS: Record<string, (value: string, key: string) => unknown> = {
  port: wholeNumber,
  pool_size: wholeNumber,
  timeout: duration,
  create_table: flag,
  tls: (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
  charset: (value) => value.split(',')[0], // the first of several is taken
}

/** mysql2 by itself would take the certificate of any host. */
const VERIFIED: TlsOptions = { rejectUnauthorized: true, verifyIdentity: true }

type Name = keyof MysqlConnectionOptions | 'pool'

class Resolver {
  readonly #options: MysqlConnectionOptions & Partial<MysqlPoolOptions>
  readonly #name: (option: Name) => string

  /** @param name how the user calls an option, for messages */
  constructor(options: MysqlConnectionOptions & Partial<MysqlPoolOptions>, name: (option: Name) => string) {
    this.#options = options
    this.#name = name
  }

  settings(): Settings {
    for (const key of Object.keys(this.#options)) rejectUnknownKey(PROVIDER, key, ['pool', ...Object.keys(KEYS)])
    const createTable: unknown = this.#options.createTable ?? false
    this.#check(typeof createTable === 'boolean', 'createTable', 'true or false', 'something else')
    const table = {
      table: parseTableName(this.#options.table ?? 'session', MAX_NAME),
      createTable: createTable as boolean,
    }
    const { pool } = this.#options
    return pool === undefined ? { ...table, connection: this.#connection() } : { ...table, pool: this.#pool(pool) }
  }

  /** mysql2/promise wraps the pool that it is about. */
  #pool(given: unknown): MysqlPool {
    const pool = ((given as { pool?: unknown } | null)?.pool ?? given ?? {}) as MysqlPool
    const isPool = ['getConnection', 'on', 'off'].every((name) => typeof pool[name as keyof MysqlPool] === 'function')
    this.#check(isPool, 'pool', 'a pool of mysql2', 'something else')
    for (const name of Object.keys(this.#options) as Name[]) {
      this.#check(name === 'pool' || name in TABLE_KEYS, name, 'none, since pool is given', 'a value')
    }
    return pool
  }

  #connection(): ConnectionSettings {
    for (const name of ['host', 'socketPath', 'database', 'user', 'password', 'ca'] as const) this.#checkText(name)
    const { host, port, socketPath, timeout = 0, charset = 'utf8mb4', poolSize = 10 } = this.#options
    this.#check(
      socketPath === undefined || (host ?? port) === undefined,
      'socketPath',
      'none, since host or port is given',
      'one',
    )
    checkWholeNumber(this.#name('port'), port ?? 3306, 1, 65_535)
    checkWholeNumber(this.#name('poolSize'), poolSize, 1, MAX_POOL)
    const isTime = typeof timeout === 'number' && timeout >= 0 && timeout <= MAX_TIMEOUT
    this.#check(isTime, 'timeout', 'seconds', 'something else')
    this.#check(isCharset(charset), 'charset', 'the name of a character set', 'something else')
    const { table: _, createTable: __, tls: ___, ca: ____, ...rest } = this.#options
    return { ...rest, charset, poolSize, encryption: this.#encryption() }
  }

  #encryption(): readonly (TlsOptions | false)[] {
    const { tls = false, ca: path } = this.#options
    this.#check(path === undefined || tls !== false, 'tls', 'true, since ca is given', 'false')
    const ca = path === undefined ? {} : { ca: readPem(this.#name('ca'), path) }
    if (typeof tls === 'object' && tls !== null) return [{ ...VERIFIED, ...tls, ...ca }]
    const unverified = { ...ca, rejectUnauthorized: false }
    if (tls === 'skip-verify') return [unverified]
    if (tls === 'preferred') return [unverified, false]
    this.#check(typeof tls === 'boolean', 'tls', 'true, false, skip-verify or preferred', 'something else')
    return tls ? [{ ...VERIFIED, ...ca }] : [false]
  }

  #checkText(name: Name): void {
    const value: unknown = (this.#options as Record<string, unknown>)[name]
    const isText = value === undefined || (typeof value === 'string' && value !== '' && !value.includes('\0'))
    this.#check(isText, name, 'a text that is not empty', 'something else')
  }

  /** Values are not shown: they may be a password, or hold one. */
  #check(holds: boolean, name: Name, expected: string, got: string): void {
    if (!holds) throw new OptionError(this.#name(name), expected, got)
  }
}
