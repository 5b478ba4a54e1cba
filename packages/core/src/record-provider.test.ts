import { describe, expect, it } from 'vitest'
import { createManager, defineProvider } from './index.js'
import { MemoryStorage } from './providers/memory.js'

describe('a storage that opens too late', () => {
  it('is closed, and the one of the next attempt is used', async () => {
    const opened: number[] = []
    const closed: number[] = []
    const provider = defineProvider({
      name: 'slow',
      open: async () => {
        const number = opened.push(opened.length)
        await new Promise((done) => setTimeout(done, number === 1 ? 200 : 1))
        const storage = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
        storage.close = () => void closed.push(number)
        return storage
      },
    })
    const manager = createManager({ provider, storeTimeout: 0.05 })
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await manager.ready()
    await new Promise((done) => setTimeout(done, 250))
    expect(closed).toEqual([1])
    expect(await manager.count()).toBe(0)
    await manager.close()
    expect(closed).toEqual([1, 2])
  })
})
