/**
 * The options, checked when the provider is opened.
 * @module
 */
import type { ConnectionOptions } from 'node:tls'
import { checkWholeNumber, OptionError, readPem, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import type { Address } from './address.js'
import { parseAddress } from './address.js'
import type { RedisClient } from './client.js'
import { KEYS, optionsOf, shown } from './config-string.js'
import { PROVIDER } from './errors.js'

/** The application's own client. It is used as it is, and never closed. */
export interface RedisClientOptions {
  /** A `Redis` or a `Cluster` of ioredis. Its `keyPrefix` comes before `prefix`. */
  client: RedisClient
  /** What each key starts with. @default 'session:' */
  prefix?: string
}

/** Connections of the provider's own. As a config string: `addr=127.0.0.1:6379,pool_size=2`, or a `redis://` URL. */
export interface RedisConnectionOptions {
  /** How the server is reached: by `host:port`, or by the path of a socket. @default 'tcp' */
  network?: 'tcp' | 'unix'
  /**
   * `host:port`, port 6379 where it is missing, or the path of a socket; several nodes of a cluster, one of which is
   * enough to find the others. @default '127.0.0.1:6379'
   */
  addr?: string | readonly string[]
  /** The ACL user. @default the server's default user */
  username?: string
  /** @default none */
  password?: string
  /** The number of the database. @default 0 */
  db?: number
  /** How many connections, used in turn; of a cluster: to each node. One carries many commands at a time. @default 1 */
  poolSize?: number
  /** Seconds after which an unused connection is closed; the next command opens one. 0: never. @default 0 */
  idleTimeout?: number
  /** What each key starts with. @default 'session:' */
  prefix?: string
  /** TLS, certificates verified; or the options of `tls.connect`. @default false */
  tls?: boolean | ConnectionOptions
  /** A PEM file with the authorities that the server's certificate is verified by; needs `tls`. @default the system's */
  ca?: string
  /** Several servers: a master that sentinels watch, or a cluster. @default one server */
  haMode?: 'sentinel' | 'cluster'
  /** The master's name, as the sentinels know it. */
  masterName?: string
  /** `host:port` of the sentinels, port 26379 where it is missing. */
  sentinelAddrs?: readonly string[]
}

/** Options of `redis()`. */
export type RedisProviderOptions = RedisClientOptions | RedisConnectionOptions

/** How to connect. */
export interface ConnectionSettings {
  readonly addresses: readonly Address[]
  readonly isCluster: boolean
  readonly sentinels?: readonly { host: string; port: number }[]
  readonly masterName?: string
  readonly username?: string
  readonly password?: string
  readonly db: number
  readonly tls?: ConnectionOptions
  readonly poolSize: number
  /** Seconds. */
  readonly idleTimeout: number
}

/** The options as the layers below use them: a client, or how to connect. */
export interface Settings {
  readonly prefix: string
  readonly client?: RedisClient
  readonly connection?: ConnectionSettings
}

/** A day, and what a timer holds. */
const MAX_IDLE = 86_400
const MAX_POOL = 10_000

/** @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other */
export function resolve(config: ProviderConfig): Settings {
  if (typeof config === 'string') return new Resolver(optionsOf(config), (name) => KEYS[name] ?? name).settings()
  return new Resolver(config as RedisConnectionOptions, (name) => name).settings()
}

type Name = keyof RedisConnectionOptions | 'client'

class Resolver {
  readonly #options: RedisConnectionOptions & Partial<RedisClientOptions>
  readonly #name: (option: Name) => string

  /** @param name how the user calls an option, for messages */
  constructor(options: RedisConnectionOptions & Partial<RedisClientOptions>, name: (option: Name) => string) {
    this.#options = options
    this.#name = name
  }

  settings(): Settings {
    const known = ['client', ...Object.keys(KEYS)]
    for (const key of Object.keys(this.#options)) rejectUnknownKey(PROVIDER, key, known)
    const prefix = this.#text('prefix') ?? 'session:'
    const { client } = this.#options
    if (client === undefined) return { prefix, connection: this.#connection() }
    this.#checkClient(client)
    return { prefix, client }
  }

  #checkClient(client: unknown): asserts client is RedisClient {
    const { call, on, isCluster, nodes } = (client ?? {}) as Partial<RedisClient>
    const isClient = [call, on, ...(isCluster ? [nodes] : [])].every((member) => typeof member === 'function')
    this.#check(isClient, 'client', 'a Redis or Cluster of ioredis', 'something else')
    for (const name of Object.keys(this.#options) as Name[]) {
      const isWithout = name === 'client' || name === 'prefix' || this.#options[name] === undefined
      this.#check(isWithout, name, 'none, since client is given', 'a value')
    }
  }

  #connection(): ConnectionSettings {
    const { username, password } = { username: this.#text('username'), password: this.#text('password') }
    this.#check(username === undefined || password !== undefined, 'password', 'one, since username is given', 'none')
    const tls = this.#tls()
    return {
      ...this.#topology(),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls && { tls }),
      db: this.#number('db', 0, 0),
      poolSize: this.#number('poolSize', 1, 1, MAX_POOL),
      idleTimeout: this.#number('idleTimeout', 0, 0, MAX_IDLE),
    }
  }

  #topology(): Pick<ConnectionSettings, 'addresses' | 'isCluster' | 'sentinels' | 'masterName'> {
    const { haMode } = this.#options
    this.#check(haMode === undefined || HA_MODES.has(haMode), 'haMode', 'sentinel or cluster', shown(haMode))
    if (haMode === 'sentinel') return this.#sentinels()
    this.#forbid('masterName', "haMode is not 'sentinel'")
    this.#forbid('sentinelAddrs', "haMode is not 'sentinel'")
    const isCluster = haMode === 'cluster'
    const addresses = this.#addresses()
    if (isCluster) this.#checkCluster()
    else this.#check(addresses.length === 1, 'addr', "one address, since haMode is not 'cluster'", 'several')
    return { addresses, isCluster }
  }

  #checkCluster(): void {
    const { network, db } = this.#options
    this.#check(network !== 'unix', 'network', "tcp, since haMode is 'cluster'", 'unix')
    this.#check((db ?? 0) === 0, 'db', "0, since haMode is 'cluster'", 'another one')
  }

  #sentinels(): Pick<ConnectionSettings, 'addresses' | 'isCluster' | 'sentinels' | 'masterName'> {
    const why = "haMode is 'sentinel'"
    this.#forbid('addr', `${why}: the sentinels tell`)
    this.#forbid('network', why)
    const masterName = this.#text('masterName')
    const { sentinelAddrs } = this.#options
    this.#check(masterName !== undefined, 'masterName', `the master's name, since ${why}`, 'none')
    const isList = Array.isArray(sentinelAddrs) && sentinelAddrs.length > 0
    this.#check(isList, 'sentinelAddrs', `host:port of the sentinels, since ${why}`, 'none')
    const sentinels = sentinelAddrs!.map((text) => parseAddress(this.#name('sentinelAddrs'), text, 26_379))
    return { addresses: [], isCluster: false, sentinels, masterName: masterName! }
  }

  #addresses(): Address[] {
    const { network = 'tcp', addr } = this.#options
    this.#check(network === 'tcp' || network === 'unix', 'network', 'tcp or unix', shown(network))
    if (network === 'unix') {
      this.#check(typeof addr === 'string' && addr !== '', 'addr', "a socket's path, since network is unix", 'none')
      return [{ path: addr as string }]
    }
    const texts = addr === undefined ? ['127.0.0.1'] : typeof addr === 'string' ? [addr] : addr
    this.#check(Array.isArray(texts) && texts.length > 0, 'addr', 'host:port, or several', 'something else')
    return texts.map((text) => parseAddress(this.#name('addr'), text, 6379))
  }

  #tls(): ConnectionOptions | undefined {
    const { tls = false, network } = this.#options
    const isRight = typeof tls === 'boolean' || (typeof tls === 'object' && tls !== null)
    this.#check(isRight, 'tls', 'true, false, or options of tls.connect', 'something else')
    const ca = this.#text('ca')
    this.#check(ca === undefined || tls !== false, 'tls', 'true, since ca is given', 'false')
    if (tls === false) return undefined
    this.#check(network !== 'unix', 'tls', 'false, since network is unix', 'true')
    return { ...(tls === true ? {} : tls), ...(ca !== undefined && { ca: this.#read(ca) }) }
  }

  #read(path: string): string {
    const mayHoldPassword = /[;,=]/.test(path) // where a comma is missing
    return readPem(this.#name('ca'), path, mayHoldPassword ? 'another text' : undefined)
  }

  #text(name: 'username' | 'password' | 'prefix' | 'ca' | 'masterName'): string | undefined {
    const text: unknown = this.#options[name]
    const isRight = text === undefined || (typeof text === 'string' && text !== '')
    this.#check(isRight, name, 'a text that is not empty', 'something else')
    return text as string | undefined
  }

  #number(name: 'db' | 'poolSize' | 'idleTimeout', fallback: number, min: number, max = 2 ** 31 - 1): number {
    const number: unknown = this.#options[name] ?? fallback
    checkWholeNumber(this.#name(name), number, min, max)
    return number
  }

  #forbid(name: Name, why: string): void {
    this.#check(this.#options[name] === undefined, name, `none, since ${why}`, 'a value')
  }

  /** Values are not shown, unless by {@link shown}: they may be a password, or hold one. */
  #check(holds: boolean, name: Name, expected: string, got: string): void {
    if (!holds) throw new OptionError(this.#name(name), expected, got)
  }
}

const HA_MODES: ReadonlySet<string> = new Set(['sentinel', 'cluster'])
