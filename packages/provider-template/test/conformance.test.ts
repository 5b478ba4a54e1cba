/** The contract of @sess, sentence by sentence. */
import type { Storage } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { describe, it } from 'vitest'
import { TemplateClient } from '../src/client.js'
import { template } from '../src/index.js'
import { TemplateStorage } from '../src/storage.js'

/** Every store has a prefix of its own, so that none sees what another one holds. */
let stores = 0

describe('the storage', () => {
  const prefixes = new Map<unknown, string>()
  const connect = async (prefix: string): Promise<Storage> => {
    const client = new TemplateClient('127.0.0.1', 4321)
    await client.connect()
    const storage = new TemplateStorage(client, prefix)
    prefixes.set(storage, prefix)
    return storage
  }
  providerConformance({
    describe,
    it,
    create: () => connect(`test-${++stores}:`),
    createSecond: (first) => connect(prefixes.get(first)!),
    // A store that counts in whole seconds: granularity: 1. One that the tests can stop: outage: { stop, start }.
  })
})

describe('the provider', () => {
  const prefixes = new Map<unknown, string>()
  providerConformance({
    describe,
    it,
    create: () => {
      const prefix = `test-${++stores}:`
      const provider = template({ prefix })
      prefixes.set(provider, prefix)
      return provider
    },
    createSecond: (first) => template({ prefix: prefixes.get(first)! }),
  })
})
