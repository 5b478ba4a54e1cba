/** The contract of @sess, sentence by sentence: of the storage, and of the provider that core makes of it. */
import type { Storage } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { describe, it } from 'vitest'
import { TemplateClient } from '../src/client.js'
import { TemplateStorage } from '../src/storage.js'

/** Every store has a prefix of its own, so that none sees what another one holds. */
const prefixes = new Map<unknown, string>()
let stores = 0

async function connect(prefix: string): Promise<Storage> {
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
