import { randomBytes } from 'node:crypto'
import type { Provider, ProviderContext, RawStore, Storage } from '@sess/core'
import { Redis } from 'ioredis'
import type { RedisProviderOptions } from '../src/index.js'
import { redis } from '../src/index.js'
import { resolve } from '../src/options.js'
import { openStorage } from '../src/provider.js'

export const newId = (): string => randomBytes(12).toString('base64url')
export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** What a manager would lend. */
function contextWith(reports: Error[] = [], storeTimeout = 5): ProviderContext {
  const encode = (value: unknown): string => JSON.stringify(value)
  const codec = { encode, decode: (text: string): unknown => JSON.parse(text) }
  return { clock: Date.now, codec, idLength: 16, storeTimeout, report: (error) => reports.push(error) }
}

/** A storage, opened. */
export function storageOn(
  options: RedisProviderOptions | string,
  reports?: Error[],
  timeout?: number,
): Promise<Storage> {
  return openStorage(resolve(options), contextWith(reports, timeout))
}

/** A provider that a config string or options opened. */
export async function opened(config: string | RedisProviderOptions, maxLifetime = 3600): Promise<Provider> {
  const provider = typeof config === 'string' ? redis() : redis(config)
  await provider.init(maxLifetime, typeof config === 'string' ? config : '')
  return provider
}

/** A session with these keys. */
export async function stored(
  provider: Provider,
  values: Record<string, unknown>,
  id: string = newId(),
): Promise<RawStore> {
  const store = await provider.read(id)
  for (const [key, value] of Object.entries(values)) store.set(key, value)
  await store.release()
  return store
}

/** A client that looks at a server from aside. */
export function admin(port: number, options: { password?: string } = {}): Redis {
  return new Redis({ port, ...options }).on('error', () => undefined)
}

/** How often each command was called since the last reset. */
export async function commandCounts(client: Redis): Promise<Record<string, number>> {
  const stats = await client.info('commandstats')
  const counts: Record<string, number> = {}
  for (const [, name, calls] of stats.matchAll(/cmdstat_([\w|-]+):calls=(\d+)/g)) counts[name!] = Number(calls)
  return counts
}
