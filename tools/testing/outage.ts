/**
 * What 50 visitors meet while the store's server is away, and after it.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, AppOptions } from './app.js'
import { Load } from './load.js'
import { until } from './until.js'

/** Seconds. */
const STORE_TIMEOUT = 1
/** What an answer may take: the time for the store, twice where a request reads and then writes, and a slow machine's. */
const PATIENCE = 2 * STORE_TIMEOUT * 1000 + 1500
const VISITORS = 50

export interface Outages {
  /** An application server on that server. */
  start: (options: AppOptions) => Promise<App>
  server: {
    pause(): Promise<void>
    resume(): Promise<void>
    kill(): Promise<void>
    restart(): Promise<void>
  }
  /** What is told of an outage, once. */
  told: RegExp
  /** Sessions are there again when the server is. */
  keepsSessions: boolean
  /** While the server is known to be away, nobody waits for it. */
  failsAtOnce: boolean
}

/** @param name the provider's */
export function outages(name: string, { start, server, told, keepsSessions, failsAtOnce }: Outages): void {
  describe(`${VISITORS} visitors while the server`, () => {
    let app: App
    beforeAll(async () => {
      app = await start({ storeTimeout: STORE_TIMEOUT })
    })
    afterAll(() => app.stop())

    it('is paused and comes back: each request is answered, nobody is logged out', async () => {
      const load = await Load.start(app, VISITORS)
      await away(load, () => server.pause())
      await back(load, () => server.resume())
      expect(load.loggedOut).toBe(0)
    })

    it('is killed and comes back: each request is answered, and nobody is logged out before', async () => {
      const load = await Load.start(app, VISITORS)
      await away(load, () => server.kill())
      expect(load.loggedOut).toBe(0)
      await back(load, () => server.restart())
      if (keepsSessions) expect(load.loggedOut).toBe(0)
    })

    it('is restarted again and again', async () => {
      const load = await Load.start(app, VISITORS)
      for (let i = 0; i < 3; i++) {
        await load.goesOn()
        await server.restart()
        await isServed(app)
      }
      await recovered(load, 'restarted')
      if (keepsSessions) expect(load.loggedOut).toBe(0)
    })

    let before: string[]

    async function away(load: Load, take: () => Promise<void>): Promise<void> {
      before = await app.faults()
      await sleep(STORE_TIMEOUT * 1000) // so that it isn't taken for a part of the outage before
      expect(load.failures).toEqual([])
      await take()
      await sleep(2 * STORE_TIMEOUT * 1000)
      // Who waits for the store each time gets no more than 2 answers a second.
      await (failsAtOnce ? load.goesOn(10, 3000) : load.goesOn())
    }

    async function back(load: Load, bring: () => Promise<void>): Promise<void> {
      await bring()
      await isServed(app)
      await recovered(load, 'away and back')
      expect([...new Set(load.failures.map(({ status }) => status))]).toEqual([503])
      const faults = await app.faults() // nothing unhandled, nothing on the console
      expect(faults).toEqual([...before, expect.stringMatching(told)])
    }

    async function recovered(load: Load, from: string): Promise<void> {
      const since = performance.now()
      await load.goesOn()
      await load.end()
      console.log(`${name} ${from}: ${load.summary()}`)
      expect(load.failuresSince(since)).toEqual([])
      expect(load.slowest).toBeLessThan(PATIENCE)
    }
  })

  describe("onOutage: 'anonymous'", () => {
    it('serves without a session while the server is away, keeps the cookie, and refuses changes', async () => {
      const app = await start({ storeTimeout: STORE_TIMEOUT, onOutage: 'anonymous' })
      const cookie = await app.begin('me')
      await server.kill()
      expect(await app.get('/read', cookie)).toMatchObject({ status: 200, body: 'nobody', setCookie: undefined })
      expect(await app.get('/add', cookie)).toMatchObject({ status: 503, setCookie: undefined })
      expect(await app.get('/logout', cookie)).toMatchObject({ status: 503, setCookie: undefined })
      await server.restart()
      await (keepsSessions ? until(async () => (await app.get('/read', cookie)).body === 'me') : isServed(app))
      await app.stop()
    })
  })
}

/** Resolves when sessions are begun again. */
const isServed = (app: App): Promise<void> => until(async () => (await app.get('/begin?user=u')).status === 200)
