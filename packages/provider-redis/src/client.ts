/**
 * What is used of an ioredis client, and how one of our own is made.
 * @module
 */
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { Cluster, Redis } from 'ioredis'
import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis'
import type { ConnectionSettings } from './options.js'
import { SentinelConnector } from './sentinel-connector.js'
import { Sentinels } from './sentinels.js'

/** One connection, as ioredis has it. Described by its shape, so that any copy and any version of ioredis fits. */
export interface RedisNode {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  readonly status: string
  readonly stream?: Duplex
  readonly options?: { readonly keyPrefix?: unknown; readonly enableOfflineQueue?: unknown }
  disconnect(reconnect?: boolean): void
}

/** A client of ioredis: a `Redis` or a `Cluster`. */
export interface RedisClient extends Omit<RedisNode, 'stream'> {
  readonly isCluster?: boolean
  nodes?(role: 'master' | 'all'): readonly RedisNode[]
  on(event: string, listener: (error: Error) => void): unknown
}

/** Milliseconds between two attempts to connect, at most; a quarter of them is left to chance. */
const MAX_RETRY_DELAY = 1000
/** Milliseconds after which a connection that is being closed is cut off. */
const DISCONNECT_TIMEOUT = 500
const MAX_CONNECT_TIMEOUT = 10_000
/** Milliseconds after which an idle connection is probed, so that one that a firewall forgot is found. */
const KEEP_ALIVE = 30_000

/** The part of the patience within which a sentinel has to answer: the master has to, too. */
const SENTINEL_PART = 1 / 4

/**
 * Makes clients that connect when they are first used.
 * @param patience milliseconds within which the server has to answer
 */
export function clientMaker(settings: ConnectionSettings, patience: number): () => RedisClient {
  const options = commonOptions(settings, patience)
  if (settings.sentinels) {
    const sentinels = sentinelsOf(settings, patience)
    return () => followingClient(options, sentinels)
  }
  if (settings.isCluster) {
    return () => new Cluster(settings.addresses as ClusterNode[], clusterOptions(options, patience))
  }
  return () => new Redis({ ...options, ...settings.addresses[0] })
}

/**
 * A command whose answer is lost is an error, not sent again behind our back: a save must not be made twice, and one
 * that makes a proxy hang up would do so for ever. What may be repeated, `Pool` repeats.
 */
function commonOptions({ username, password, db, tls }: ConnectionSettings, patience: number): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
    db,
    lazyConnect: true,
    connectionName: 'sess',
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: Math.min(patience, MAX_CONNECT_TIMEOUT),
    disconnectTimeout: DISCONNECT_TIMEOUT,
    keepAlive: KEEP_ALIVE,
    maxLoadingRetryTime: MAX_RETRY_DELAY,
    retryStrategy: delayWithin(patience),
    reconnectOnError: (error) => error.message.includes('READONLY'), // a master that was made a replica
  }
}

function sentinelsOf({ sentinels, masterName, tls }: ConnectionSettings, patience: number): Sentinels {
  return new Sentinels({
    addresses: sentinels!,
    masterName: masterName!,
    ...(tls && { tls }),
    patience: Math.min(patience, MAX_CONNECT_TIMEOUT) * SENTINEL_PART,
    retryStrategy: delayWithin(patience),
  })
}

/** A client of the master that sentinels name. */
function followingClient(options: RedisOptions, sentinels: Sentinels): RedisClient {
  const { tls, retryStrategy } = options as { tls?: ConnectionOptions; retryStrategy: (times: number) => number }
  const settings = { sentinels, ...(tls && { tls }), disconnectTimeout: DISCONNECT_TIMEOUT, retryStrategy }
  const connector = new SentinelConnector(settings)
  const client = new Redis({ ...options, Connector: givenTo(connector) })
  client.on('end', () => connector.end())
  return client
}

/** ioredis takes a class of which it makes one. */
const givenTo = (connector: SentinelConnector): NonNullable<RedisOptions['Connector']> =>
  function Connector() {
    return connector
  } as unknown as NonNullable<RedisOptions['Connector']>

/** What a node's end cut off, ioredis sends again itself, 16 times at most, until a replica has taken over. */
function clusterOptions(common: RedisOptions, patience: number): ClusterOptions {
  const { lazyConnect, retryStrategy, db: _, ...redisOptions } = common
  return {
    redisOptions,
    lazyConnect: lazyConnect!,
    clusterRetryStrategy: retryStrategy as (times: number) => number,
    slotsRefreshTimeout: Math.min(patience, 1000),
    slotsRefreshInterval: Math.min(patience, 5000), // a node that hangs sends no MOVED: others are asked who took over
    dnsLookup: (host, callback) => callback(null, host), // nobody waits for all names; and certificates bear them
  }
}

function delayWithin(patience: number): (times: number) => number {
  const max = Math.min(MAX_RETRY_DELAY, patience / 4)
  return (times) => Math.ceil(Math.min(50 * times, max) * (0.75 + Math.random() / 4))
}
