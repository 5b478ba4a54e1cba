import { describe, expect, it } from 'vitest'
import { createManager, defineProvider } from './index.js'
import { MemoryStorage } from './providers/memory.js'

describe('a storage that opens too late', () => {
  /** A manager that waits 50 ms for a storage whose first attempt to open takes 200. */
  function slow({ fails = false } = {}) {
    const opened: number[] = []
    const closed: number[] = []
    const provider = defineProvider({
      name: 'slow',
      open: async () => {
        const number = opened.push(opened.length)
        await new Promise((done) => setTimeout(done, number === 1 ? 200 : 1))
        if (fails && number === 1) throw new Error('too late')
        const storage = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
        storage.close = () => void closed.push(number)
        return storage
      },
    })
    return { manager: createManager({ provider, storeTimeout: 0.05 }), closed }
  }

  it('is closed, and the one of the next attempt is used', async () => {
    const { manager, closed } = slow()
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await manager.ready()
    await new Promise((done) => setTimeout(done, 250))
    expect(closed).toEqual([1])
    expect(await manager.count()).toBe(0)
    await manager.close()
    expect(closed).toEqual([1, 2])
  })

  it('is closed where the manager was closed meanwhile, so that the process can end', async () => {
    const { manager, closed } = slow()
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await manager.close()
    await expect.poll(() => closed).toEqual([1])
  })

  it('and in vain leaves the one of the next attempt to be closed', async () => {
    const { manager, closed } = slow({ fails: true })
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await manager.ready()
    await new Promise((done) => setTimeout(done, 250))
    await manager.close()
    expect(closed).toEqual([2])
  })
})
