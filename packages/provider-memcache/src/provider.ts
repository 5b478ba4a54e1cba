/**
 * The provider `memcache`: one item for each session, compared by its CAS.
 * @module
 */
import { defineProvider, moveByCopy, SessionError } from '@sess/core'
import type { Copying, Loaded, Provider, ProviderContext, Storage, Version } from '@sess/core'
import { PROVIDER } from './errors.js'
import { Nodes } from './nodes.js'
import type { MemcacheProviderOptions, Settings } from './options.js'
import { resolve } from './options.js'
import { Records } from './records.js'
import { removeOnce } from './remove-once.js'

/**
 * Sessions in memcached 1.4.14 or newer, on one server or several.
 *
 * @example
 * ```ts
 * sessioner({ provider: memcache({ servers: ['10.0.0.5:11211', '10.0.0.6:11211'], prefix: 'shop:' }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function memcache(options?: MemcacheProviderOptions): Provider {
  return defineProvider({
    name: PROVIDER,
    options,
    open: (config, context) => openStorage(resolve(config, context.storeTimeout), context),
  })
}

/** Resolves when one of the servers answered; rejects when none does. */
export async function openStorage(settings: Settings, { report }: Pick<ProviderContext, 'report'>): Promise<Storage> {
  let isOpen = false
  const nodes = new Nodes(settings, (error) => {
    if (isOpen || settings.servers.length > 1) report(error) // else the error goes to whoever opens
  })
  try {
    await nodes.greet()
    isOpen = true
    return new MemcacheStorage(nodes)
  } catch (error) {
    nodes.close()
    throw error
  }
}

/** The version is the CAS: memcached compares it, and tells the new one with each write. */
class MemcacheStorage implements Storage, Copying {
  readonly provider = PROVIDER
  readonly capabilities = { count: false }
  readonly #nodes: Nodes
  readonly #records: Records

  constructor(nodes: Nodes) {
    this.#nodes = nodes
    this.#records = new Records(nodes)
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const stored = await this.#records.get(id, ttl)
    return stored && { data: stored.data, version: stored.cas }
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | false> {
    if (expected === undefined) return this.#records.add(id, next, data, ttl)
    return this.#records.replace(id, next, data, ttl, String(expected))
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return this.#records.touch(id, ttl)
  }

  async remove(id: string): Promise<void> {
    await this.#records.remove(id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    return moveByCopy(this, from, to, ttl)
  }

  removeIf(id: string, version: Version): Promise<boolean | undefined> {
    return removeOnce(this.#records, id, String(version))
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#records.get(id)) !== undefined
  }

  /** Memcached has no list of its items. */
  async count(): Promise<number> {
    throw new SessionError('SESS_UNSUPPORTED', 'memcached has no list of its items to count', { provider: PROVIDER })
  }

  async close(): Promise<void> {
    this.#nodes.close()
  }
}
