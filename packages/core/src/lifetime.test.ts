import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BareProvider } from '../test/conformance/subjects/bare-provider.js'
import { MapServer, MapStorage } from '../test/conformance/subjects/map-storage.js'
import { App } from '../test/support/server.js'
import { createManager, defineProvider, memory } from './index.js'
import type { Loaded, Manager, Provider, Session, SessionOptions } from './index.js'
import { Visitor } from './testing/visitor.js'

const DAY = 86_400
const MONTH = 30 * DAY

let now: number
beforeEach(() => {
  now = Date.parse('2026-01-01')
})
const clock = (): number => now
const later = (seconds: number): void => void (now += seconds * 1000)

/** As redis and memcached are: the time that a record has left is not told. */
class SilentStorage extends MapStorage {
  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = await super.load(id, ttl)
    return loaded && { data: loaded.data, version: loaded.version }
  }
}

const PROVIDERS: [string, () => Provider, SessionOptions][] = [
  ['memory', () => memory(), {}],
  ['memory, encrypted', () => memory(), { encryptionKey: randomBytes(32) }],
  ['a storage that tells no expiry', () => defineProvider(new SilentStorage(new MapServer(clock))), {}],
]

async function managerOf(provider: Provider, options: SessionOptions = {}): Promise<Manager> {
  const manager = createManager({ provider, clock, maxLifetime: 3600, ...options })
  await manager.ready()
  return manager
}

function remember(session: Session): void {
  session.set('n', 1)
  session.lifetime = MONTH
}

const isThere = (visitor: Visitor, manager: Manager): Promise<boolean> => visitor.visit(manager, (s) => !s.isNew)

describe.each(PROVIDERS)('session.lifetime on %s', (_, create, options) => {
  it('keeps the session that asked for it, counted from its last use, and others as before', async () => {
    const manager = await managerOf(create(), options)
    const [long, short] = [new Visitor(), new Visitor()]
    await long.visit(manager, remember)
    await short.visit(manager, (session) => session.set('n', 1))
    for (let use = 0; use < 3; use++) {
      later(29 * DAY)
      await manager.gc()
      expect(await isThere(long, manager)).toBe(true)
    }
    expect(await isThere(short, manager)).toBe(false)
    later(MONTH + 1)
    expect(await isThere(long, manager)).toBe(false)
  })

  it.each(['before log-in', 'after log-in', 'before regenerate', 'after regenerate', 'with renewal'])(
    'lasts when it is set %s',
    async (when) => {
      const manager = await managerOf(create(), { ...options, ...(when === 'with renewal' && { renewEvery: DAY }) })
      const visitor = new Visitor()
      await visitor.visit(manager, (session) => session.set('n', 1))
      await visitor.visit(manager, async (session) => {
        if (!when.startsWith('after')) session.lifetime = MONTH
        if (when.endsWith('log-in')) await session.login(7)
        if (when.endsWith('regenerate')) await session.regenerate()
        if (when.startsWith('after')) session.lifetime = MONTH
      })
      later(29 * DAY)
      expect(await visitor.visit(manager, (session) => [session.isNew, session.lifetime])).toEqual([false, MONTH])
      later(29 * DAY)
      await visitor.visit(manager, (session) => session.flush())
      later(29 * DAY)
      expect(await isThere(visitor, manager)).toBe(true)
    },
  )

  it.each(['before', 'after'])('set %s log-in, keeps the session listed, and the index', async (when) => {
    const manager = await managerOf(create(), options)
    const visitor = new Visitor()
    await visitor.visit(manager, async (session) => {
      if (when === 'before') session.lifetime = MONTH
      await session.login(7, 'sofa')
      if (when === 'after') session.lifetime = MONTH
    })
    for (let use = 0; use < 2; use++) {
      later(29 * DAY)
      await manager.gc()
      expect((await manager.sessionsOf(7)).map(({ label }) => label)).toEqual(['sofa'])
      expect(await isThere(visitor, manager)).toBe(true)
    }
    expect(await manager.logoutUser(7)).toBe(1)
    expect(await isThere(visitor, manager)).toBe(false)
  })

  it('is taken back by maxLifetime', async () => {
    const manager = await managerOf(create(), options)
    const visitor = new Visitor()
    await visitor.visit(manager, remember)
    await visitor.visit(manager, (session) => void (session.lifetime = 3600))
    later(3601)
    expect(await isThere(visitor, manager)).toBe(false)
  })
})

describe('session.lifetime', () => {
  it('is maxLifetime unless it is set; setting it begins no session', async () => {
    const manager = await managerOf(memory())
    const visitor = new Visitor()
    const seen = await visitor.visit(manager, (session) => {
      const before = session.lifetime
      session.lifetime = MONTH
      return [before, session.lifetime]
    })
    expect(seen).toEqual([3600, MONTH])
    expect(visitor.hasCookie).toBe(false)
    expect(await manager.count()).toBe(0)
  })

  it.each([
    [{}, 3599, /option lifetime: expected whole seconds from maxLifetime \(3600\) to 34560000.*, got 3599/],
    [{}, 0, /got 0/],
    [{}, 34_560_001, /browsers/],
    [{}, 7200.5, /got 7200.5/],
    [{}, '7200', /got "7200"/],
    [{ absoluteLifetime: 7200 }, 7201, /to 7200, absoluteLifetime/],
  ])('with %j, refuses %j', async (options, seconds, message) => {
    const manager = await managerOf(memory(), options)
    const set = (session: Session): void => void (session.lifetime = seconds as number)
    await expect(new Visitor().visit(manager, set)).rejects.toMatchObject({ code: 'SESS_OPTION', option: 'lifetime' })
    await expect(new Visitor().visit(manager, set)).rejects.toThrow(message)
  })

  it('is refused where a provider of the bare contract has one lifetime for all', async () => {
    const manager = await managerOf(new BareProvider())
    await expect(new Visitor().visit(manager, remember)).rejects.toMatchObject({ code: 'SESS_UNSUPPORTED' })
  })

  it('is kept where the store could not be told of it when the session was used', async () => {
    class Failing extends SilentStorage {
      failures = 0
      override async touch(id: string, ttl: number): Promise<boolean> {
        if (this.failures-- > 0) throw new Error('connection refused')
        return super.touch(id, ttl)
      }
    }
    const storage = new Failing(new MapServer(clock))
    const manager = await managerOf(defineProvider(storage))
    const visitor = new Visitor()
    await visitor.visit(manager, remember)
    later(DAY)
    storage.failures = 1
    await expect(isThere(visitor, manager)).rejects.toMatchObject({ code: 'SESS_STORE' })
    expect(await isThere(visitor, manager)).toBe(true)
    later(29 * DAY)
    expect(await isThere(visitor, manager)).toBe(true)
  })

  it('ends with the absolute lifetime', async () => {
    const manager = await managerOf(memory(), { absoluteLifetime: MONTH })
    const visitor = new Visitor()
    await visitor.visit(manager, remember)
    later(29 * DAY)
    expect(await isThere(visitor, manager)).toBe(true)
    later(DAY)
    expect(await isThere(visitor, manager)).toBe(false)
  })
})

describe('the cookie of a session with a lifetime', () => {
  let app: App
  afterEach(() => app?.close())

  it('has it as Max-Age, again whenever the browser’s copy would end before the session', async () => {
    app = await App.start({ clock, maxLifetime: 3600 }, async (req, res) => {
      if (req.url === '/short') req.session.lifetime = 3600
      if (req.url === '/remember') remember(req.session)
      if (req.url === '/login') await req.session.login(7)
      if (req.url === '/logout') await req.session.logout()
      if (req.url === '/set') req.session.set('n', Math.random())
      res.end(String(req.session.isNew))
    })
    const browser = app.browser()
    const maxAge = async (path: string): Promise<string | undefined> => {
      const { setCookie } = await browser.get(path)
      return setCookie.length === 0 ? 'none' : /Max-Age=(\d+)/.exec(setCookie[0]!)?.[1]
    }
    expect(await maxAge('/set')).toBe(undefined)
    for (const path of ['/remember', '/set', '/login']) expect(await maxAge(path)).toBe(String(MONTH))
    expect(await maxAge('/')).toBe(String(MONTH))
    expect(await maxAge('/')).toBe('none')
    later(60)
    expect(await maxAge('/')).toBe(String(MONTH))
    expect(await maxAge('/short')).toBe(undefined)
    expect(await maxAge('/')).toBe('none')
    expect(await maxAge('/logout')).toBe('0')
  })
})
