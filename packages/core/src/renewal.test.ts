import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BareProvider } from '../test/conformance/subjects/bare-provider.js'
import { MapServer, MapStorage } from '../test/conformance/subjects/map-storage.js'
import { clock, due, later, managerOf, read } from '../test/support/renewing.js'
import { defineProvider, memory } from './index.js'
import type { Provider, Session, SessionOptions } from './index.js'
import { resolveOptions } from './options.js'
import { Visitor } from './testing/visitor.js'

const providers: [string, () => Provider, SessionOptions][] = [
  ['memory', () => memory(), {}],
  ['a storage far away', () => defineProvider(new MapStorage(new MapServer(clock))), {}],
  ['a storage, encrypted', () => memory(), { encryptionKey: randomBytes(32) }],
  ['a bare provider', () => new BareProvider(), {}],
  ['a bare provider, encrypted', () => new BareProvider(), { encryptionKey: randomBytes(32) }],
]

const idOf = (session: Session): string => session.id

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
      new Date(clock() - 600_000),
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
