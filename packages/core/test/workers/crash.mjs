// Writes sessions until it is killed, and says which writes were acknowledged.
import { createManager, file } from '@sess/core'

const manager = createManager({ provider: file({ path: process.argv[2] }) })
await manager.ready()

async function write() {
  const { token, id } = manager.newIdentity()
  const store = manager.provider.create(id)
  for (let n = 1; ; n++) {
    store.set('n', n)
    store.set('filler', 'x'.repeat(Math.random() * 30_000))
    store.set('same', n)
    await store.release()
    process.send({ cookie: `MacaronSession=${token}`, n })
  }
}
await Promise.all([write(), write(), write()])
