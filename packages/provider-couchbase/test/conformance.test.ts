import type { Provider, Storage } from '@sess/core'
import type { Subject } from '@sess/core/testing'
import { providerConformance } from '@sess/core/testing'
import type { Cluster } from 'couchbase'
import { connect } from 'couchbase'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { couchbase } from '../src/index.js'
import type { CouchbaseProviderOptions } from '../src/index.js'
import { optionsOf, storageOn } from './support.js'

const server = await service('couchbase')
const own = await service('couchbase', { own: true, args: ['--query'] })

let made = 0

/** Each with a prefix of its own; the second one of a pair has the first one's. */
function pairs<S extends Subject>(make: (prefix: string) => S | Promise<S>) {
  const prefixes = new WeakMap<Subject, string>()
  const create = async (prefix = `kit_%-${process.pid}-${made++}:`): Promise<S> => {
    const subject = await make(prefix)
    prefixes.set(subject, prefix)
    return subject
  }
  return { create: () => create(), createSecond: (first: Subject) => create(prefixes.get(first)!) }
}

describe.skipIf(!own.available)('couchbase, with connections of its own and a query service', () => {
  const make = (prefix: string): Provider => couchbase({ ...optionsOf(own.url), prefix })
  const outage = { stop: () => own.pause(), start: () => own.resume() }
  const dump = async (): Promise<string> => (await own.dump()).join()
  providerConformance({ describe, it, ...pairs<Provider>(make), granularity: 1, rounds: 3, outage, dump })
})

describe.skipIf(!server.available)("couchbase, with the application's collection", () => {
  let cluster: Promise<Cluster> | undefined
  afterAll(async () => (await cluster)?.close())
  const make = async (prefix: string): Promise<Storage> => {
    const { hosts, username, password, bucket } = optionsOf(server.url)
    cluster ??= connect(`couchbase://${hosts![0]}`, { username, password })
    const collection = (await cluster).bucket(bucket).defaultCollection()
    return storageOn({ collection, prefix } satisfies CouchbaseProviderOptions)
  }
  const dump = async (): Promise<string> => (await server.dump()).join()
  providerConformance({ describe, it, ...pairs<Storage>(make), granularity: 1, dump })
})
