import { createManager } from '@sess/core'

/** So many that their writes come while others are under way. */
const WRITERS = 8

/**
 * Writes sessions until it is killed, and says which writes were acknowledged. The last letters of each session are its
 * number, so that a half written one shows.
 * @param {import('@sess/core').Provider} provider
 */
export async function writeUntilKilled(provider) {
  const manager = createManager({ provider })
  await manager.ready()

  async function write() {
    const { token, id } = manager.newIdentity()
    const store = manager.provider.create(id)
    for (let n = 1; ; n++) {
      store.set('n', n)
      store.set('filler', 'x'.repeat(Math.random() * 30_000))
      store.set('same', n)
      await store.release()
      process.send?.({ cookie: `MacaronSession=${token}`, n })
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}
