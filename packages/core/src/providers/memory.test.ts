import diagnostics from 'node:diagnostics_channel'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { begin } from '../../../../tools/testing/begin.js'
import { App } from '../../test/support/server.js'
import type { EvictEvent } from '../index.js'
import { createManager, memory } from '../index.js'
import { MemoryStorage } from './memory.js'

describe('memory({ max })', () => {
  it('drops the least recently used session and says so', async () => {
    const evicted: string[] = []
    const listen = (event: unknown): number => evicted.push((event as EvictEvent).id)
    diagnostics.subscribe('sess:evict', listen)
    const manager = createManager({ provider: 'memory', providerConfig: 'max=3' })
    const cookies = [await begin(manager), await begin(manager), await begin(manager)]
    const ids = cookies.map((cookie) => manager.identityOf(cookie.split('=')[1]!).id)
    expect((await manager.read({ headers: { cookie: cookies[0] } })).isNew).toBe(false)
    await begin(manager)
    diagnostics.unsubscribe('sess:evict', listen)
    expect(evicted).toEqual([ids[1]])
    expect(await manager.count()).toBe(3)
    expect((await manager.read({ headers: { cookie: cookies[1] } })).isNew).toBe(true)
    expect((await manager.read({ headers: { cookie: cookies[0] } })).isNew).toBe(false)
  })
})

describe('memory({ max }) and users', () => {
  it('evicts sessions, never which sessions a user has: who stays logged in can be listed and logged out', async () => {
    const app = await App.start({ provider: memory({ max: 10 }) }, async (req, res) => {
      if (req.url !== '/') await req.session.login(req.url!.slice(1))
      res.end(req.session.userId ?? 'nobody')
    })
    const ada = app.browser()
    await ada.get('/ada')
    for (let n = 0; n < 50; n++) {
      await app.browser().get(`/user${n}`)
      await ada.get('/')
    }
    const { manager } = app.sessions
    expect(await manager.count()).toBe(10)
    expect(await manager.sessionsOf('ada')).toHaveLength(1)
    expect(await manager.logoutUser('ada')).toBe(1)
    expect((await ada.get('/')).body).toBe('nobody')
    await app.close()
  })

  it('keeps what it knows of users within bounds', () => {
    const storage = new MemoryStorage(10, () => 0)
    for (let n = 0; n < 3000; n++) storage.save(`~user${n}`, '{\n}', 60, undefined, 'v')
    expect([storage.exists('~user0'), storage.exists('~user1980'), storage.exists('~user2999')]).toEqual([
      false,
      false,
      true,
    ])
    expect(storage.exists('~user2000')).toBe(true)
  })
})

describe('what a session takes', () => {
  /** Bytes in use. */
  function heap(): number {
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
    return process.memoryUsage().heapUsed
  }

  it.each(['', 'max=100000'])('stays the same however often it is written, with the config %j', async (config) => {
    const manager = createManager({ provider: 'memory', providerConfig: config })
    const before = heap()
    const cookies: string[] = []
    for (let n = 0; n < 6000; n++) cookies.push(await begin(manager, { n: 0, text: 'x'.repeat(1000 + (n % 7)) }))
    const begun = heap() - before
    for (let n = 1; n <= 3; n++) {
      for (const cookie of cookies) {
        const session = await manager.read({ headers: { cookie } })
        session.set('n', n)
        await session.release()
      }
    }
    expect((heap() - before) / begun).toBeLessThan(1.2)
  })

  it('stays the same however often sessions are used after one had to go', async () => {
    const storage = new MemoryStorage(1000, () => 0)
    const before = heap()
    const save = (n: number, round: string): void => {
      const version = storage.load(`session${n}`)?.version
      storage.save(`session${n}`, `{\n"text":"${round.repeat(1000)}"\n}`, 60, version, round)
    }
    for (let n = 0; n <= 1000; n++) save(n, '0')
    const begun = heap() - before
    for (let use = 0; use < 50_000; use++) save(1 + (use % 1000), String(use % 9))
    expect((heap() - before) / begun).toBeLessThan(4)
    expect(storage.count()).toBe(1000)
  })
})

describe('gc', () => {
  it('is not stopped by one fresh session, and lets others work', async () => {
    let now = 0
    const manager = createManager({ provider: memory(), maxLifetime: 60, clock: () => now })
    for (let n = 0; n < 20_000; n++) {
      if (n === 10_000) now = 30_000
      await begin(manager)
      if (n === 10_000) now = 0
    }
    now = 60_001
    let turns = 0
    let running = true
    const count = (): void => void (running && ++turns && setImmediate(count))
    setImmediate(count)
    await manager.gc()
    running = false
    expect(await manager.count()).toBe(1)
    expect(turns).toBeGreaterThan(5)
  })
})

describe('two managers', () => {
  it('have instances of their own: closing one leaves the other its sessions', async () => {
    const [one, two] = [createManager(), createManager()]
    const cookie = await begin(one)
    await two.ready()
    await two.close()
    expect(await one.count()).toBe(1)
    expect((await one.read({ headers: { cookie } })).isNew).toBe(false)
    await expect(two.count()).rejects.toMatchObject({ code: 'SESS_CLOSED' })
    await expect(two.ready()).rejects.toMatchObject({ code: 'SESS_CLOSED' })
    await two.close()
  })
})
