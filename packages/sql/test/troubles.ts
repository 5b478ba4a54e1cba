/**
 * What must hold when the server has troubles while 40 visitors are there.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../tools/testing/app.js'
import { Load } from '../../../tools/testing/load.js'
import { until } from '../../../tools/testing/until.js'

const VISITORS = 40
/** Seconds. */
export const STORE_TIMEOUT = 2
/** A request loads and saves, each within `storeTimeout`; and a slow machine's. */
const PATIENCE = 2 * STORE_TIMEOUT * 1000 + 1500

export interface Troubles {
  start: () => Promise<App>
  /** Ends all connections but those of the test. */
  killConnections: () => Promise<unknown>
  server: () => {
    stop(): Promise<void>
    start(): Promise<void>
    restart(): Promise<void>
    pause(): Promise<void>
    resume(): Promise<void>
  }
}

/** @param name the server */
export function troubles(name: string, { start, killConnections, server }: Troubles): void {
  describe(`40 visitors on ${name}`, () => {
    let app: App
    beforeAll(async () => {
      app = await start()
    })
    afterAll(() => app.stop())

    it('see nothing of connections that are killed', async () => {
      const load = await under(app, 'connections killed', async (visitors) => {
        for (let i = 0; i < 10; i++) {
          await sleep(150)
          await visitors.goesOn(1) // a slow machine's would be killed each time that they are tried again
          await killConnections()
        }
      })
      expect(load.failures.length).toBe(0)
    })

    it('are answered while the server restarts, and go on by themselves', async () => {
      await under(app, 'restarted', async () => {
        await sleep(200)
        await server().restart()
        await sleep(1000)
      })
    })

    it('get errors in time while the server is down, and go on by themselves', async () => {
      const load = await under(app, 'down', async () => {
        await server().stop()
        await sleep(1500)
        await server().start()
        await sleep(1500)
      })
      expect(load.failures.length).toBeGreaterThan(0)
    })

    it('get errors in time while the server is silent, and go on by themselves', async () => {
      const load = await under(app, 'silent', async () => {
        await server().pause()
        await sleep(STORE_TIMEOUT * 1000 + 500)
        await server().resume()
        await sleep(2500)
      })
      expect(load.failures.length).toBeGreaterThan(0)
    })
  })

  async function under(app: App, what: string, trouble: (load: Load) => Promise<void>): Promise<Load> {
    const load = await Load.start(app, VISITORS)
    await trouble(load)
    await until(async () => (await app.get('/begin?user=u')).status === 200)
    const over = performance.now()
    await load.goesOn()
    await load.end()
    const seen = await app.faults()
    const warnings = seen.filter((fault) => fault.startsWith('warning: '))
    console.log(`${name}, ${what}: ${load.summary()}, ${warnings.length} reports so far`)
    expect(load.failures.filter(({ status }) => status !== 503)).toEqual([])
    expect([load.loggedOut, load.failuresSince(over).length]).toEqual([0, 0])
    expect(load.slowest).toBeLessThan(PATIENCE)
    expect(seen.filter((fault) => !warnings.includes(fault))).toEqual([])
    expect(warnings.length).toBeLessThan(3)
    return load
  }
}
