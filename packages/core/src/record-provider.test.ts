import { describe, expect, it } from 'vitest'
import { App } from '../test/support/server.js'
import { Spy } from '../test/support/spy-provider.js'
import { createManager, defineProvider } from './index.js'
import { MemoryStorage } from './providers/memory.js'

describe('what a provider is defined by', () => {
  it.each([undefined, {}, () => undefined, { open: () => undefined }, { name: 'x' }])('is not %s', (definition) => {
    expect(() => defineProvider(definition as never)).toThrow(
      /^option definition: expected a storage, or \{ name, open \} with a function that opens one, got /,
    )
  })
})

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

describe('a storage with an insert', () => {
  class Inserting extends MemoryStorage {
    insert(id: string, data: string, ttl: number, next: string): string {
      this.save(id, data, ttl, undefined, next)
      return next
    }
  }

  function inserting(): Spy {
    const spy = new Spy()
    spy.records = new Inserting(Number.POSITIVE_INFINITY, Date.now)
    return spy
  }

  /** What writes, of the commands since the last call. */
  const writes = (spy: Spy): string[] => spy.take().filter((command) => ['insert', 'save'].includes(command))

  it('gets what begins under an id that was drawn; changes, and records under other ids, are saved', async () => {
    const spy = inserting()
    const app = await App.start({ provider: spy.provider }, async (req, res) => {
      if (req.url === '/login') await req.session.login('user 1')
      else req.session.set('path', req.url)
      res.end()
    })
    const browser = app.browser()
    await browser.get('/begin')
    expect(writes(spy)).toEqual(['insert'])
    await browser.get('/change')
    expect(writes(spy)).toEqual(['save'])
    await browser.get('/login')
    expect(writes(spy)).toEqual(['save', 'save']) // the user's index, and the session under another id
  })

  it("gets nothing where an id is too short to be surely nobody else's", async () => {
    const spy = inserting()
    const app = await App.start({ provider: spy.provider, idLength: 15 }, (req, res) => {
      req.session.set('a', 1)
      res.end()
    })
    await app.browser().get('/')
    expect(writes(spy)).toEqual(['save'])
  })

  it('gets nothing under an id that a caller chose: one that is taken is an error', async () => {
    const spy = inserting()
    const { provider } = spy
    await provider.init(60, '')
    for (const [n, outcome] of ['fulfilled', 'rejected'].entries()) {
      const store = provider.create!('A'.repeat(16))
      store.set('n', n)
      const [released] = await Promise.allSettled([store.release()])
      expect(released.status).toBe(outcome)
    }
    expect(writes(spy)).toEqual(['save', 'save'])
    expect((await provider.read('A'.repeat(16))).get('n')).toBe(0)
  })
})
