import type { Provider, Storage } from '@sess/core'
import type { Redis } from 'ioredis'
import type { RedisProviderOptions } from '../src/index.js'
import { redis } from '../src/index.js'
import { storageOn } from './support.js'

type Subject = Provider | Storage

let made = 0

/** Subjects of the conformance kit, each with a prefix of its own; the second one of a pair has the first one's. */
function pairs<S extends Subject>(
  make: (prefix: string) => S | Promise<S>,
): {
  create: () => Promise<S>
  createSecond: (first: Subject) => Promise<S>
} {
  const prefixes = new WeakMap<Subject, string>()
  const create = async (prefix = `kit-${process.pid}-${made++}*:`): Promise<S> => {
    const subject = await make(prefix)
    prefixes.set(subject, prefix)
    return subject
  }
  return { create: () => create(), createSecond: (first) => create(prefixes.get(first)!) }
}

/** Keys and values of everything that these servers hold; each is to be asked without a prefix. */
export async function dumpOf(...servers: Redis[]): Promise<string> {
  const parts: string[] = []
  for (const server of servers) {
    for await (const keys of server.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
      const values = await Promise.all(keys.map((key) => server.getBuffer(key)))
      parts.push(...keys, ...values.map((value) => value?.toString('latin1') ?? ''))
    }
  }
  return parts.join('\n')
}

type Options = (prefix: string) => RedisProviderOptions

export const providers = (options: Options): ReturnType<typeof pairs<Provider>> =>
  pairs((prefix) => redis(options(prefix)))
export const storages = (options: Options): ReturnType<typeof pairs<Storage>> =>
  pairs((prefix) => storageOn(options(prefix)))
