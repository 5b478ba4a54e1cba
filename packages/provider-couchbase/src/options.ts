/**
 * The options, checked when the provider is opened.
 * @module
 */
import { OptionError, readPem, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import { optionsOf } from './config-string.js'
import { PROVIDER } from './errors.js'

/** How many nodes have to have a change before it counts. Levels of the SDK, in the words of Couchbase's documentation. */
export type Durability = 'none' | 'majority' | 'majorityAndPersistToActive' | 'persistToMajority'

/** A collection of the couchbase SDK 4. Described by its shape, so that any copy of the SDK fits. */
export interface CouchbaseCollection {
  get(key: string, options: object): Promise<unknown>
  getAndTouch(key: string, expiry: number, options: object): Promise<unknown>
  insert(key: string, value: unknown, options: object): Promise<unknown>
  replace(key: string, value: unknown, options: object): Promise<unknown>
  remove(key: string, options: object): Promise<unknown>
  touch(key: string, expiry: number, options: object): Promise<unknown>
  exists(key: string, options: object): Promise<unknown>
  readonly name: string
}

interface CommonOptions {
  /** What each document's key starts with; 180 bytes at most. @default 'session:' */
  prefix?: string
  /** How many nodes have to have a change before it counts. @default 'none' */
  durability?: Durability
  /** Seconds within which an operation has to be answered. At most `storeTimeout`. @default half of storeTimeout */
  timeout?: number
}

/** The application's own collection. Its cluster is used as it is, and never closed. */
export interface CouchbaseCollectionOptions extends CommonOptions {
  /** `cluster.bucket('b').collection('c')` of couchbase 4. */
  collection: CouchbaseCollection
}

/** A connection of the provider's own; as a config string `user:password@couchbase(10.0.0.5,10.0.0.6)/bucket?scope=web`. */
export interface CouchbaseConnectionOptions extends CommonOptions {
  /** `couchbases` is TLS, certificates verified. @default 'couchbase' */
  protocol?: 'couchbase' | 'couchbases'
  /** `host` or `host:port` of some nodes; the others are found. @default ['127.0.0.1'] */
  hosts?: readonly string[]
  /** The name of the cluster's user. */
  username: string
  /** The user's password. */
  password: string
  /** The bucket that the sessions lie in. */
  bucket: string
  /** @default '_default' */
  scope?: string
  /** The collection's name. @default '_default' */
  collection?: string
  /** Seconds within which a connection has to be made. @default 0.8 of storeTimeout */
  connectTimeout?: number
  /** A PEM file with the authorities that the certificates are verified by; needs `couchbases`. @default the SDK's */
  ca?: string
}

/** Options of `couchbase()`. */
export type CouchbaseProviderOptions = CouchbaseCollectionOptions | CouchbaseConnectionOptions

/** How to connect. */
export interface ConnectionSettings {
  readonly connectionString: string
  readonly username: string
  readonly password: string
  readonly bucket: string
  readonly scope: string
  readonly collection: string
  /** Seconds. */
  readonly connectTimeout: number
  readonly ca?: string
}

/** The options as the layers below use them: a collection, or how to connect. */
export interface Settings {
  readonly prefix: string
  readonly durability: Durability
  /** Seconds. */
  readonly timeout: number
  readonly collection?: CouchbaseCollection
  readonly connection?: ConnectionSettings
}

const COMMON = ['prefix', 'durability', 'timeout', 'collection']
const CONNECTION = ['protocol', 'hosts', 'username', 'password', 'bucket', 'scope', 'connectTimeout', 'ca']
const DURABILITIES: readonly Durability[] = ['none', 'majority', 'majorityAndPersistToActive', 'persistToMajority']
/** A key has 250 bytes at most, the collection included, and an id 64. */
const MAX_PREFIX = 180
/** What the server allows in names of scopes and collections. */
const NAME = /^(?:_default|[A-Za-z0-9-][\w%-]{0,250})$/
const BUCKET = /^[\w.%-]{1,100}$/
const HOST = /^(?:\[[\da-f:.%\w]+\]|[^\s:@/[\]|,;?]+)(?::(\d{1,5}))?$/i
const MAX_PORT = 65_535

/**
 * @param storeTimeout seconds that the manager waits
 * @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or values that contradict each other
 */
export function resolve(config: ProviderConfig, storeTimeout: number): Settings {
  const options = (typeof config === 'string' ? optionsOf(config) : config) as Record<string, unknown>
  for (const key of Object.keys(options)) rejectUnknownKey(PROVIDER, key, [...COMMON, ...CONNECTION])
  const common = commonOf(options, storeTimeout)
  const { collection } = options
  if (typeof collection !== 'object') return { ...common, connection: connectionOf(options, storeTimeout) }
  const isCollection = METHODS.every((name) => typeof (collection as never)?.[name] === 'function')
  check(isCollection, 'collection', 'a name, or a Collection of couchbase 4')
  for (const name of CONNECTION)
    check(options[name] === undefined, name, 'none, since a collection is given', 'a value')
  return { ...common, collection: collection as CouchbaseCollection }
}

const METHODS = ['get', 'getAndTouch', 'insert', 'replace', 'remove', 'touch', 'exists']

function commonOf(options: Record<string, unknown>, storeTimeout: number): Omit<Settings, 'connection' | 'collection'> {
  const { prefix = 'session:', durability = 'none' } = options
  const isPrefix = typeof prefix === 'string' && /^[ -~]+$/.test(prefix) && prefix.length <= MAX_PREFIX
  check(isPrefix, 'prefix', `1 to ${MAX_PREFIX} ASCII characters`)
  check(DURABILITIES.includes(durability as Durability), 'durability', `one of ${DURABILITIES.join(', ')}`)
  const timeout = seconds(options, 'timeout', storeTimeout / 2, storeTimeout)
  return { prefix: prefix as string, durability: durability as Durability, timeout }
}

function connectionOf(options: Record<string, unknown>, storeTimeout: number): ConnectionSettings {
  const { protocol = 'couchbase', hosts = ['127.0.0.1'], ca } = options
  check(protocol === 'couchbase' || protocol === 'couchbases', 'protocol', 'couchbase or couchbases')
  check(
    Array.isArray(hosts) && hosts.length > 0 && hosts.every(isHost),
    'hosts',
    'host or host:port of one node or more',
  )
  const isFile = ca === undefined || (typeof ca === 'string' && ca !== '')
  check(isFile, 'ca', 'the path of a PEM file')
  check(ca === undefined || protocol === 'couchbases', 'protocol', 'couchbases, since ca is given', 'couchbase')
  if (ca !== undefined) readPem('ca', ca as string) // the SDK does so too, and does not say which file it can't read
  return {
    connectionString: `${protocol as string}://${(hosts as string[]).join(',')}`,
    username: text(options, 'username'),
    password: text(options, 'password'),
    bucket: name(options, 'bucket', BUCKET),
    scope: name(options, 'scope', NAME, '_default'),
    collection: name(options, 'collection', NAME, '_default'),
    connectTimeout: seconds(options, 'connectTimeout', storeTimeout * 0.8, storeTimeout),
    ...(ca !== undefined && { ca: ca as string }),
  }
}

function isHost(host: unknown): boolean {
  const [match, port = '1'] = (typeof host === 'string' && HOST.exec(host)) || []
  return match !== undefined && Number(port) >= 1 && Number(port) <= MAX_PORT
}

function text(options: Record<string, unknown>, option: string): string {
  const value = options[option]
  check(typeof value === 'string' && value !== '', option, 'a text that is not empty')
  return value as string
}

function name(options: Record<string, unknown>, option: string, form: RegExp, fallback?: string): string {
  const value = options[option] ?? fallback
  check(typeof value === 'string' && form.test(value), option, `a name as Couchbase allows it for a ${option}`)
  return value as string
}

function seconds(options: Record<string, unknown>, option: string, fallback: number, max: number): number {
  const value = options[option] ?? fallback
  const isRight = typeof value === 'number' && value >= 0.001 && value <= max
  check(isRight, option, `seconds, more than 0 and at most storeTimeout, which is ${max}`)
  return value as number
}

/** Values are not shown: they may be a password, or hold one. */
function check(holds: boolean, option: string, expected: string, got: string = 'something else'): void {
  if (!holds) throw new OptionError(option, expected, got)
}
