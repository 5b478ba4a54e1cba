import type { Provider } from '@sess/core'
import type { Subject } from '@sess/core/testing'
import { providerConformance } from '@sess/core/testing'
import { describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { memcache } from '../src/index.js'
import { dumpOf } from './support.js'

const [one, two] = await Promise.all([service('memcached', { own: true }), service('memcached', { own: true })])

const dumpAll = async (servers: string[]): Promise<string> =>
  (await Promise.all(servers.map((address) => dumpOf(Number(address.split(':')[1]))))).join('\n')

let made = 0

/** Each with a prefix of its own, in both suites, which share a server; the second one of a pair has the first one's. */
function pairs(servers: string[]): { create: () => Provider; createSecond: (first: Subject) => Provider } {
  const prefixes = new WeakMap<Subject, string>()
  const make = (prefix: string): Provider => {
    const provider = memcache({ servers, prefix })
    prefixes.set(provider, prefix)
    return provider
  }
  return { create: () => make(`kit-${made++}:`), createSecond: (first) => make(prefixes.get(first)!) }
}

/** Whole seconds, of a clock that memcached itself moves on, as late as the machine is busy. */
const granularity = 2

describe.skipIf(!one.available)('memcache, on one server', () => {
  const outage = { stop: () => one.pause(), start: () => one.resume() }
  const dump = (): Promise<string> => dumpAll(one.addresses)
  providerConformance({ describe, it, ...pairs(one.available ? one.addresses : []), granularity, outage, dump })
})

describe.skipIf(!one.available)('memcache, on two servers', () => {
  const servers = one.available ? [...one.addresses, ...two.addresses] : []
  const outage = {
    stop: async () => void (await Promise.all([one.kill(), two.kill()])),
    start: async () => void (await Promise.all([one.restart(), two.restart()])),
  }
  const dump = (): Promise<string> => dumpAll(servers)
  providerConformance({ describe, it, ...pairs(servers), granularity, outage, dump })
})
