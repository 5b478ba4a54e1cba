// Writes sessions until it is killed, and says which writes were acknowledged. Two programs of one text: <provider>
// <directory> <sync>. The last letters of each session are its number, so that a half written one shows.
import { createManager } from '@sess/core'

const [provider, directory, sync] = process.argv.slice(2)
const driver = await import(`../../../provider-${provider}/dist/index.js`)
const options = { [provider === 'ledis' ? 'dataDir' : 'path']: directory, sync: sync === 'true' }
const manager = createManager({ provider: driver[provider](options) })
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
await Promise.all(Array.from({ length: 8 }, write))
