/**
 * The provider `couchbase`: one document for each session, compared by its CAS.
 * @module
 */
import { defineProvider, moveByCopy, SessionError } from '@sess/core'
import type { Loaded, Provider, ProviderContext, Storage, Version } from '@sess/core'
import type { Cluster } from 'couchbase'
import { connect } from 'couchbase'
import { Alarm } from './alarm.js'
import { CasMemory } from './cas-memory.js'
import type { Count } from './count.js'
import { countBy } from './count.js'
import type { Content } from './document.js'
import { PROVIDER, storeError } from './errors.js'
import { copying } from './move.js'
import type { ConnectionSettings, CouchbaseCollection, CouchbaseProviderOptions, Settings } from './options.js'
import { resolve } from './options.js'
import { Records } from './records.js'

/**
 * Sessions in Couchbase Server 7 or Capella.
 *
 * @example
 * ```ts
 * sessioner({ provider: couchbase({ collection: cluster.bucket('shop').collection('sessions') }) }) // stays yours to close
 * sessioner({ provider: couchbase({ hosts: ['10.0.0.5'], username: 'app', password, bucket: 'shop' }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function couchbase(options?: CouchbaseProviderOptions): Provider {
  return defineProvider({
    name: PROVIDER,
    options,
    open: (config, context) => openStorage(resolve(config, context.storeTimeout), context), // throws at once
  })
}

/** Resolves when the collection answered. */
export async function openStorage(settings: Settings, { report }: Pick<ProviderContext, 'report'>): Promise<Storage> {
  const { collection, connection, timeout } = settings
  const alarm = new Alarm(report, 2 * timeout * 1000)
  if (collection) return greet(new CouchbaseStorage(collection, settings, { alarm }), alarm)
  const cluster = await connectTo(connection!, timeout)
  try {
    const { bucket, scope, collection: name } = connection!
    const own = cluster.bucket(bucket).scope(scope).collection(name)
    const count = await countBy(cluster, connection!, settings.prefix, timeout)
    return await greet(new CouchbaseStorage(own, settings, { alarm, cluster, count }), alarm)
  } catch (error) {
    await cluster.close()
    throw error
  }
}

/** The SDK would wait for 10 seconds, longer than anybody waits for us; and measure all operations for a log of none. */
async function connectTo(connection: ConnectionSettings, timeout: number): Promise<Cluster> {
  const { connectionString, username, password, connectTimeout, ca } = connection
  const [kvTimeout, bootstrapTimeout] = [timeout * 1000, connectTimeout * 1000]
  const isLogged = (process.env['CNLOGLEVEL'] ?? '') !== ''
  try {
    return await connect(connectionString, {
      username,
      password,
      ...(ca !== undefined && { security: { trustStorePath: ca } }),
      timeouts: { kvTimeout, kvDurableTimeout: kvTimeout, bootstrapTimeout, connectTimeout: bootstrapTimeout },
      tracingConfig: { enableTracing: isLogged },
      metricsConfig: { enableMetrics: isLogged },
    })
  } catch (error) {
    throw storeError('connect', error)
  }
}

/** A bucket or a collection that isn't there is found at start. */
async function greet(storage: CouchbaseStorage, alarm: Alarm): Promise<CouchbaseStorage> {
  await storage.exists('greeting')
  alarm.turnOn()
  return storage
}

/** How often a save is tried again since the record was touched meanwhile, which gives it another CAS. */
const MAX_TOUCHED = 10

/** The version is the name that stands in the document; the CAS that goes with it is remembered. */
class CouchbaseStorage implements Storage {
  readonly capabilities: { readonly count: boolean }
  readonly #records: Records
  readonly #known: CasMemory = new CasMemory()
  readonly #alarm: Alarm
  readonly #cluster: Cluster | undefined
  readonly #count: Count | undefined

  /** @param own what is ours: the alarm, the cluster, to close, and how to count */
  constructor(
    collection: CouchbaseCollection,
    settings: Omit<Settings, 'connection'>,
    own: { readonly alarm: Alarm; readonly cluster?: Cluster; readonly count?: Count | undefined },
  ) {
    this.#records = new Records(collection, settings, own.alarm)
    this.#alarm = own.alarm
    this.#cluster = own.cluster
    this.#count = own.count
    this.capabilities = { count: own.count !== undefined }
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const stored = await this.#records.get(id, ttl)
    if (stored) this.#known.set(id, stored.name, stored.cas)
    return stored && { data: stored.data, version: stored.name }
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | false> {
    const content = { name: next, data }
    const cas =
      expected === undefined
        ? await this.#records.add(id, content, ttl)
        : await this.#replace(id, content, ttl, String(expected))
    if (cas === false) return false
    this.#known.set(id, next, cas)
    return next
  }

  /** One round trip, and two more each time somebody touched the record. */
  async #replace(id: string, content: Content, ttl: number, expected: string): Promise<string | false> {
    for (let i = 0; i < MAX_TOUCHED; i++) {
      const cas = i === 0 ? this.#known.get(id, expected) : undefined
      const current = cas ?? (await this.#casOf(id, expected))
      const made = current !== undefined && (await this.#records.replace(id, content, ttl, current))
      if (made !== false || current === undefined) return made
    }
    return false
  }

  async #casOf(id: string, expected: string): Promise<string | undefined> {
    const stored = await this.#records.get(id)
    return stored?.name === expected ? stored.cas : undefined
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return this.#records.touch(id, ttl)
  }

  async remove(id: string): Promise<void> {
    this.#known.delete(id)
    await this.#records.remove(id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    return moveByCopy(copying(this.#records), from, to, ttl)
  }

  async exists(id: string): Promise<boolean> {
    return this.#records.exists(id)
  }

  async count(): Promise<number> {
    if (this.#count) return this.#count()
    const message = 'the couchbase cluster has no query service to count with, or is yours'
    throw new SessionError('SESS_UNSUPPORTED', message, { provider: PROVIDER })
  }

  async close(): Promise<void> {
    this.#alarm.turnOff()
    await this.#cluster?.close()
  }
}
