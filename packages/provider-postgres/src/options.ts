/**
 * The options, checked when the provider is opened.
 * @module
 */
import type { ConnectionOptions } from 'node:tls'
import { checkWholeNumber, OptionError, parseWholeNumber, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import { parseTableName } from '@sess/sql'
import { parseConninfo, parseUrl } from './conninfo.js'
import type { PostgresPool } from './database.js'
import { encryptionOf } from './encryption.js'
import { withEnvironment } from './environment.js'

/** When a connection is encrypted, and what of the server's certificate is verified: as libpq has it. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** The table of the sessions. */
export interface PostgresTableOptions {
  /** Its name, or schema and name with a dot between them. Case counts. @default 'session' */
  table?: string
  /** Make the table at start if it is missing. @default false */
  createTable?: boolean
  /** Prepared statements; PgBouncer in transaction mode may not have them. @default true */
  prepare?: boolean
}

/** A `Pool` of the application's. It is used as it is, and never closed. */
export interface PostgresPoolOptions extends PostgresTableOptions {
  /** The pool of `pg`. */
  pool: PostgresPool
}

/** Connections of the provider's own. What is left out comes from `PGHOST` and its like, as everywhere. */
export interface PostgresConnectionOptions extends PostgresTableOptions {
  /** A name, an address, or the directory of a socket. @default 'localhost' */
  host?: string
  /** The address to connect to, so that `host` is only what the certificate is verified by. */
  hostaddr?: string
  /** @default 5432 */
  port?: number
  /** @default the user's name */
  database?: string
  /** @default the system's user */
  user?: string
  /** A function is asked for each connection: for passwords that change. @default none, or that of ~/.pgpass */
  password?: string | (() => string | Promise<string>)
  /** How connections are encrypted: a mode of libpq's, or the options of `tls.connect`. @default 'prefer' */
  ssl?: SslMode | ConnectionOptions
  /** A PEM file of the authorities that sign the server's certificate; `'system'`: those that Node trusts. @default 'system' */
  sslRootCert?: string
  /** A PEM file with the client's certificate. */
  sslCert?: string
  /** A PEM file with the client's key. */
  sslKey?: string
  /** What the server's statistics call us. @default 'sess' */
  applicationName?: string
  /** Seconds for a connection to be made. @default within storeTimeout */
  connectTimeout?: number
  /** Settings for the server, such as `-c search_path=app`. */
  options?: string
  /** Connections at most. @default 10 */
  poolSize?: number
}

/** Options of `postgres()`. */
export type PostgresProviderOptions = PostgresPoolOptions | (PostgresConnectionOptions & { pool?: never })

/** How to connect; one of `encryption` after the other is tried. */
export interface ConnectionSettings extends Omit<PostgresConnectionOptions, keyof PostgresTableOptions> {
  readonly encryption: readonly (ConnectionOptions | false)[]
  readonly poolSize: number
}

/** The options as the layers below use them. */
export interface Settings {
  /** The parts of the table's name. */
  readonly table: readonly string[]
  readonly createTable: boolean
  readonly prepare: boolean
  readonly pool?: PostgresPool
  readonly connection?: ConnectionSettings
}

const PROVIDER = 'postgres'
/** The longest name that PostgreSQL doesn't cut off. */
const MAX_NAME = 63
const MAX_POOL = 10_000
/** What a timer holds, in seconds. */
const MAX_TIMEOUT = 2_147_483

const TABLE_KEYS = { table: 'table', createTable: 'create_table', prepare: 'prepare' } satisfies Record<
  keyof PostgresTableOptions,
  string
>

/** How each option is called in a config string. */
const KEYS: Record<string, string> = {
  host: 'host',
  hostaddr: 'hostaddr',
  port: 'port',
  database: 'dbname',
  user: 'user',
  password: 'password',
  ssl: 'sslmode',
  sslRootCert: 'sslrootcert',
  sslCert: 'sslcert',
  sslKey: 'sslkey',
  applicationName: 'application_name',
  connectTimeout: 'connect_timeout',
  options: 'options',
  poolSize: 'pool_size',
  ...TABLE_KEYS,
} satisfies Record<keyof PostgresConnectionOptions, string>

/** @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other */
export function resolve(config: ProviderConfig): Settings {
  if (typeof config === 'string') return new Resolver(optionsOf(config), (name) => KEYS[name] ?? name).settings()
  return new Resolver(config as PostgresConnectionOptions, (name) => name).settings()
}

/** What a config string says; checked no further than that it can be read. */
function optionsOf(text: string): PostgresConnectionOptions {
  const isUrl = /^\s*postgres(ql)?:\/\//i.test(text)
  const pairs = isUrl ? parseUrl(text.trim()) : parseConninfo(text)
  rejectUnknownKeys(pairs, isUrl)
  const options: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(KEYS)) {
    const value = pairs.get(key)
    if (value !== undefined && value !== '') options[name] = (READERS[key] ?? String)(value, key) // '' is the default
  }
  return options
}

/** What stands behind a password may be the rest of one: it is not named. */
function rejectUnknownKeys(pairs: ReadonlyMap<string, string>, isUrl: boolean): void {
  const known = Object.values(KEYS)
  let isNear = isUrl
  for (const key of pairs.keys()) {
    isNear ||= key === 'password'
    if (isNear && !known.includes(key)) {
      throw new OptionError(
        'providerConfig',
        `one of ${known.join(', ')}; quotes around what has blanks`,
        'another key',
      )
    }
    rejectUnknownKey(PROVIDER, key, known)
  }
}

const wholeNumber = (value: string, key: string): number => parseWholeNumber(key, value, 0)

function flag(value: string, key: string): boolean {
  if (value !== 'true' && value !== 'false') throw new OptionError(key, 'true or false', 'something else')
  return value === 'true'
}

/** Keys whose value is not the text itself. */
const READERS: Record<string, (value: string, key: string) => unknown> = {
  port: wholeNumber,
  connect_timeout: (value, key) => (/^-\d+$/.test(value) ? 0 : wholeNumber(value, key)), // below 0: none
  pool_size: wholeNumber,
  create_table: flag,
  prepare: flag,
}

type Name = keyof PostgresConnectionOptions | 'pool'

class Resolver {
  readonly #options: PostgresConnectionOptions & Partial<PostgresPoolOptions>
  readonly #name: (option: Name) => string

  /** @param name how the user calls an option, for messages */
  constructor(options: PostgresConnectionOptions & Partial<PostgresPoolOptions>, name: (option: Name) => string) {
    this.#options = options.pool === undefined ? withEnvironment(options) : options
    this.#name = name
  }

  settings(): Settings {
    for (const key of Object.keys(this.#options)) rejectUnknownKey(PROVIDER, key, ['pool', ...Object.keys(KEYS)])
    const table = {
      table: parseTableName(this.#options.table ?? 'session', MAX_NAME),
      createTable: this.#flag('createTable', false),
      prepare: this.#flag('prepare', true),
    }
    const { pool } = this.#options
    if (pool === undefined) return { ...table, connection: this.#connection() }
    this.#checkPool(pool)
    return { ...table, pool }
  }

  #checkPool(pool: unknown): asserts pool is PostgresPool {
    const { query, on, off } = (pool ?? {}) as Partial<PostgresPool>
    const isPool = [query, on, off].every((member) => typeof member === 'function')
    this.#check(isPool, 'pool', 'a Pool of pg', 'something else')
    for (const name of Object.keys(this.#options) as Name[]) {
      this.#check(name === 'pool' || name in TABLE_KEYS, name, 'none, since pool is given', 'a value')
    }
  }

  #connection(): ConnectionSettings {
    for (const name of TEXTS) this.#checkText(name)
    const { password, host, hostaddr } = this.#options
    if (typeof password !== 'function') this.#checkText('password')
    this.#checkNumber('port', 1, 65_535)
    this.#checkNumber('connectTimeout', 0, MAX_TIMEOUT)
    this.#checkNumber('poolSize', 1, MAX_POOL)
    for (const name of ['host', 'hostaddr'] as const) {
      this.#check(!this.#options[name]?.includes(','), name, 'one', 'several')
    }
    const isSocket = hostaddr === undefined && host !== undefined && host.startsWith('/')
    const encryption = isSocket ? [false as const] : encryptionOf(this.#options, this.#name)
    const { table: _, createTable: __, prepare: ___, ...connection } = this.#options
    return { ...connection, encryption, poolSize: connection.poolSize ?? 10 }
  }

  #flag(name: 'createTable' | 'prepare', fallback: boolean): boolean {
    const value: unknown = this.#options[name] ?? fallback
    this.#check(typeof value === 'boolean', name, 'true or false', 'something else')
    return value as boolean
  }

  #checkText(name: Name): void {
    const value: unknown = (this.#options as Record<string, unknown>)[name]
    const isText = value === undefined || (typeof value === 'string' && value !== '' && !value.includes('\0'))
    this.#check(isText, name, 'a text that is not empty', 'something else')
  }

  #checkNumber(name: 'port' | 'connectTimeout' | 'poolSize', min: number, max: number): void {
    const value: unknown = this.#options[name]
    if (value !== undefined) checkWholeNumber(this.#name(name), value, min, max)
  }

  /** Values are not shown: they may be a password, or hold one. */
  #check(holds: boolean, name: Name, expected: string, got: string): void {
    if (!holds) throw new OptionError(this.#name(name), expected, got)
  }
}

const TEXTS = [
  'host',
  'hostaddr',
  'database',
  'user',
  'sslRootCert',
  'sslCert',
  'sslKey',
  'applicationName',
  'options',
] as const
