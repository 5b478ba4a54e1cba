/** The stores of express-session that people have, each new and empty. */
import MongoStore from 'connect-mongo'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import type { Store } from 'express-session'
import memorystore from 'memorystore'
import { createClient } from 'redis'
import fileStore from 'session-file-store'
import { afterAll } from 'vitest'
import { service } from '../../../../tools/services/vitest.mjs'
import { folder } from './folder.js'
import { mongoClient } from './mongo-client.js'

const server = await service('redis')
const client = createClient({ url: server.available ? server.url : 'redis://unused' })
if (server.available) await client.connect()
let made = 0

afterAll(() => {
  if (client.isOpen) client.destroy()
})

const MemoryStore = memorystore(session)
const FileStore = fileStore(session)

export interface Kind {
  readonly name: string
  readonly isAvailable: boolean
  /** Seconds. */
  readonly granularity: number
  readonly open: () => Store
}

function fileStoreInFolder(): Store {
  return new FileStore({ path: folder(), retries: 0, reapInterval: -1, logFn: () => undefined })
}

export const kinds: readonly Kind[] = [
  { name: 'memorystore', isAvailable: true, granularity: 0, open: () => new MemoryStore({}) },
  {
    name: 'connect-redis',
    isAvailable: server.available,
    granularity: 1,
    open: () => new RedisStore({ client, prefix: `express-${process.pid}-${made++}:` }),
  },
  { name: 'session-file-store', isAvailable: true, granularity: 0, open: fileStoreInFolder },
  {
    name: 'connect-mongo',
    isAvailable: true,
    granularity: 0,
    open: () => MongoStore.create({ client: mongoClient() }),
  },
]
