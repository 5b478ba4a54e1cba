import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BareProvider } from '../test/conformance/subjects/bare-provider.js'
import { MapServer, MapStorage } from '../test/conformance/subjects/map-storage.js'
import { App, tokenIn } from '../test/support/server.js'
import type { Browser } from '../test/support/server.js'
import { createManager, defineProvider, memory } from './index.js'
import type { Manager, Provider, Session, SessionOptions } from './index.js'
import { resolveOptions } from './options.js'
import { Visitor } from './testing/visitor.js'

let now: number
beforeEach(() => {
  now = Date.parse('2026-01-01')
})
const clock = (): number => now
const later = (seconds: number): void => void (now += seconds * 1000)

const SETTINGS: SessionOptions = { clock, maxLifetime: 3600, renewEvery: 600, renewGrace: 30 }

async function managerOf(provider: Provider, options: SessionOptions = {}): Promise<Manager> {
  const manager = createManager({ ...SETTINGS, provider, ...options })
  await manager.ready()
  return manager
}

const providers: [string, () => Provider, SessionOptions][] = [
  ['memory', () => memory(), {}],
  ['a storage far away', () => defineProvider(new MapStorage(new MapServer(clock))), {}],
  ['a storage, encrypted', () => memory(), { encryptionKey: randomBytes(32) }],
  ['a bare provider', () => new BareProvider(), {}],
  ['a bare provider, encrypted', () => new BareProvider(), { encryptionKey: randomBytes(32) }],
]

const read = (session: Session): unknown[] => [session.isNew, session.get('n')]
const idOf = (session: Session): string => session.id

/** Somebody with a session whose token is due to be renewed, and the cookie that is. */
async function due(manager: Manager, values: Record<string, unknown> = { n: 1 }): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.visit(manager, (session) => {
    for (const [key, value] of Object.entries(values)) session.set(key, value)
  })
  later(600)
  return visitor
}

describe.each(providers)('renewal on %s', (_, create, options) => {
  it('changes token and id when it is due, not before; the data and the beginning stay', async () => {
    const manager = await managerOf(create(), options)
    const visitor = new Visitor()
    await visitor.visit(manager, (session) => session.set('n', 1))
    later(599)
    const [before, id] = [visitor.cookie, await visitor.visit(manager, idOf)]
    expect(visitor.cookie).toBe(before)
    later(1)
    expect(await visitor.visit(manager, (session) => [...read(session), session.createdAt])).toEqual([
      false,
      1,
      new Date(now - 600_000),
    ])
    expect(visitor.cookie).not.toBe(before)
    expect(await visitor.visit(manager, idOf)).not.toBe(id)
    const renewed = visitor.cookie
    later(599)
    await visitor.visit(manager, read)
    expect(visitor.cookie).toBe(renewed)
  })

  it('lets the old token lead to the session for the grace, with the new cookie, and no longer', async () => {
    const manager = await managerOf(create(), options)
    const visitor = await due(manager)
    const old = visitor.cookie
    await visitor.visit(manager, read)
    later(29)
    const late = new Visitor(old)
    expect(await late.visit(manager, read)).toEqual([false, 1])
    expect(late.cookie).toBe(visitor.cookie)
    later(1)
    expect(await new Visitor(old).visit(manager, read)).toEqual([true, undefined])
    expect(await visitor.visit(manager, read)).toEqual([false, 1])
  })

  it('loses no change of requests that came with the old token, whenever they save', async () => {
    const manager = await managerOf(create(), options)
    const visitor = await due(manager, { n: 0 })
    const old = visitor.cookie
    const visits = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const one = new Visitor(old)
        const { session, finish } = await one.open(manager)
        session.set(`own ${i}`, i)
        await session.update<number>('n', (n = 0) => n + 1)
        await finish()
        return one.cookie
      }),
    )
    const tokens = new Set(visits.filter((cookie) => cookie !== old))
    expect(tokens.size).toBe(1)
    const session = new Visitor([...tokens][0]!)
    expect(await session.visit(manager, (one) => [one.get('n'), one.keys().length])).toEqual([12, 13])
  })

  it('ends the session at log-out with either token', async () => {
    const manager = await managerOf(create(), options)
    for (const withOld of [true, false]) {
      const visitor = await due(manager)
      const old = visitor.cookie
      await visitor.visit(manager, read)
      await new Visitor(withOld ? old : visitor.cookie).visit(manager, (session) => session.logout())
      for (const cookie of [old, visitor.cookie])
        expect(await new Visitor(cookie).visit(manager, read)).toEqual([true, undefined])
    }
  })

  it('a request from before the renewal ends and changes the session that it has become', async () => {
    const manager = await managerOf(create(), options)
    for (const act of ['logout', 'regenerate', 'login'] as const) {
      const visitor = await due(manager)
      const old = visitor.cookie
      later(-1)
      const slow = new Visitor(old)
      const { session, finish } = await slow.open(manager)
      later(1)
      await visitor.visit(manager, read)
      expect(visitor.cookie).not.toBe(old)
      if (act === 'login') await session.login(7)
      else await session[act]()
      await finish()
      for (const cookie of [old, visitor.cookie])
        expect(await new Visitor(cookie).visit(manager, read)).toEqual([true, undefined])
      expect(await slow.visit(manager, read)).toEqual(act === 'logout' ? [true, undefined] : [false, 1])
    }
  })

  it('keeps no old token over a log-in or a new id', async () => {
    const manager = await managerOf(create(), options)
    const visitor = await due(manager)
    const old = visitor.cookie
    await visitor.visit(manager, read)
    const between = visitor.cookie
    await visitor.visit(manager, (session) => session.login(7))
    for (const cookie of [old, between])
      expect(await new Visitor(cookie).visit(manager, read)).toEqual([true, undefined])
    expect(await visitor.visit(manager, read)).toEqual([false, 1])
  })

  it('lists the session of a user once, under its new id, with its label', async () => {
    const manager = await managerOf(create(), options)
    const visitor = new Visitor()
    await visitor.visit(manager, (session) => session.login(7, 'desk'))
    later(600)
    const old = visitor.cookie
    const { session, finish } = await new Visitor(old).open(manager)
    await finish()
    await Promise.all(Array.from({ length: 5 }, () => new Visitor(old).visit(manager, read)))
    const listed = await manager.sessionsOf(7)
    expect(listed.map(({ id, label }) => [id, label])).toEqual([[session.id, 'desk']])
    await manager.logoutUser(7)
    expect(await new Visitor(old).visit(manager, read)).toEqual([true, undefined])
    expect(await manager.sessionsOf(7)).toEqual([])
  })

  it('does not put off the absolute lifetime', async () => {
    const manager = await managerOf(create(), { ...options, absoluteLifetime: 1500 })
    const visitor = await due(manager)
    await visitor.visit(manager, read)
    later(600)
    expect(await visitor.visit(manager, read)).toEqual([false, 1])
    later(300)
    expect(await visitor.visit(manager, read)).toEqual([true, undefined])
  })

  it('among log-outs leaves nothing alive', async () => {
    const manager = await managerOf(create(), options)
    for (let round = 0; round < 20; round++) {
      const visitor = await due(manager)
      const old = visitor.cookie
      const others = Array.from({ length: 3 }, () => new Visitor(old))
      const slow = await (round % 2 === 0 ? new Visitor(old).open(manager) : undefined)
      const visits = others.map((other) => other.visit(manager, read))
      if (slow) await slow.session.logout()
      else await manager.destroy(await new Visitor(old).visit(manager, idOf))
      await Promise.all(visits)
      for (const { cookie } of [visitor, ...others])
        expect((await new Visitor(cookie).visit(manager, read))[0]).toBe(true)
    }
  })
})

describe('renewal', () => {
  it('works between processes: all parallel requests end with one token', async () => {
    const server = new MapServer(clock)
    const managers = await Promise.all(
      Array.from({ length: 4 }, () => managerOf(defineProvider(new MapStorage(server)), { maxLifetime: 36_000 })),
    )
    for (let round = 0; round < 10; round++) {
      const visitor = await due(managers[0]!, { n: 0 })
      const others = managers.map(() => new Visitor(visitor.cookie))
      const increase = (session: Session): Promise<unknown> => session.update<number>('n', (n = 0) => n + 1)
      await Promise.all(others.map((other, i) => other.visit(managers[i]!, increase)))
      for (const other of others) {
        expect(await other.visit(managers[0]!, read)).toEqual([false, 4])
        expect(other.cookie).toBe(others[0]!.cookie)
      }
    }
    later(30)
    expect(await managers[0]!.count()).toBe(10)
  })

  it('ending all sessions of a user during renewals leaves none', async () => {
    const server = new MapServer(clock)
    const [one, other] = [
      await managerOf(defineProvider(new MapStorage(server))),
      await managerOf(defineProvider(new MapStorage(server))),
    ]
    for (let round = 0; round < 20; round++) {
      const visitors = Array.from({ length: 4 }, () => new Visitor())
      await Promise.all(visitors.map((visitor) => visitor.visit(one!, (session) => session.login(7))))
      later(600)
      const old = visitors.map(({ cookie }) => cookie)
      const visits = visitors.map((visitor) => visitor.visit(one!, read))
      await new Promise((done) => setTimeout(done, round % 5))
      await other!.logoutUser(7)
      await Promise.all(visits)
      for (const cookie of [...old, ...visitors.map((visitor) => visitor.cookie)]) {
        expect(await new Visitor(cookie).visit(one!, read)).toEqual([true, undefined])
      }
    }
  })

  it('leaves nothing in the store by which its reader learns a token', async () => {
    const server = new MapServer(clock)
    const manager = await managerOf(defineProvider(new MapStorage(server)))
    const visitor = await due(manager)
    const old = visitor.cookie!
    await visitor.visit(manager, read)
    const dump = JSON.stringify([...server.entries])
    expect(server.entries.size).toBe(2)
    expect(visitor.cookie).not.toBe(old)
    for (const cookie of [old, visitor.cookie!]) expect(dump).not.toContain(cookie.split('=')[1])
  })

  it('waits for a request that can carry a cookie', async () => {
    const manager = await managerOf(memory())
    const visitor = await due(manager)
    const id = (await manager.read({ headers: { cookie: visitor.cookie } })).id
    expect(await visitor.visit(manager, idOf)).not.toBe(id)
  })

  it('costs nothing while it is not due', async () => {
    const server = new MapServer(clock)
    const manager = await managerOf(defineProvider(new MapStorage(server)))
    const visitor = new Visitor()
    await visitor.visit(manager, (session) => session.set('n', 1))
    let reached = 0
    server.reached = async () => void reached++
    await visitor.visit(manager, read)
    expect(reached).toBe(1)
  })

  it.each([
    [{ renewEvery: 30 }, 'renewGrace'],
    [{ renewEvery: -1 }, 'renewEvery'],
    [{ renewEvery: 60, renewGrace: 0 }, 'renewGrace'],
    [{ renewGrace: 1.5 }, 'renewGrace'],
  ])('refuses %j', (options, option) => {
    expect(() => resolveOptions(options, {})).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
  })
})

describe('renewal over HTTP', () => {
  let app: App
  afterEach(() => app?.close())

  it('gives the new cookie to a request that saves after another one renewed', async () => {
    let go!: () => void
    const gate = new Promise<void>((done) => (go = done))
    const provider = defineProvider(new MapStorage(new MapServer(clock)))
    app = await App.start({ ...SETTINGS, provider }, async (req, res) => {
      if (req.url === '/slow') await gate
      if (req.url !== '/') req.session.set(req.url!, 1)
      res.end(req.session.keys().join())
    })
    const browser = app.browser()
    await browser.get('/set')
    later(599)
    const slow = app.request('/slow', browser.cookie)
    await new Promise((done) => setTimeout(done, 20))
    later(1)
    await browser.get('/')
    go()
    expect((await slow).setCookie[0]).toContain(tokenIn(browser))
    expect((await browser.get('/')).body).toBe('/set,/slow')
  })

  it('sets the cookie on a response whose handler only reads, or does nothing', async () => {
    app = await App.start({ ...SETTINGS }, (req, res) => {
      if (req.url === '/set') req.session.set('n', 1)
      res.end(req.url === '/static' ? '' : String(req.session.get('n')))
    })
    for (const path of ['/', '/static']) {
      const browser: Browser = app.browser()
      await browser.get('/set')
      const before = tokenIn(browser)
      later(600)
      const answer = await browser.get(path)
      expect(answer.setCookie).toHaveLength(1)
      expect(answer.headers['cache-control']).toContain('private')
      expect(tokenIn(browser)).not.toBe(before)
      expect((await browser.get('/')).body).toBe('1')
    }
  })
})
