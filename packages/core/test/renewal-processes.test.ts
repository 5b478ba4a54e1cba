import { describe, expect, it } from 'vitest'
import type { Session } from '../src/index.js'
import { defineProvider } from '../src/index.js'
import { Visitor } from '../src/testing/visitor.js'
import { MapServer, MapStorage } from './conformance/subjects/map-storage.js'
import { clock, due, later, managerOf, read } from './support/renewing.js'

describe('renewal in several processes', () => {
  it('ends all parallel requests with one token', async () => {
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

  it('leaves none of the sessions of a user that are all ended meanwhile', async () => {
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
})
