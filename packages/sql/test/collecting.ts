/**
 * Collecting many expired rows while 32 visitors read.
 * @module
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { App } from '../../../tools/testing/app.js'
import { Load } from '../../../tools/testing/load.js'

const EXPIRED = 100_000

/**
 * @param fill adds so many expired rows
 * @param count how many rows there are
 */
export function collecting(
  name: string,
  start: () => Promise<App>,
  fill: (rows: number) => Promise<unknown>,
  count: () => Promise<number>,
): void {
  let apps: [App, App]
  beforeAll(async () => {
    apps = [await start(), await start()]
  })
  afterAll(async () => {
    for (const app of apps) await app.stop()
  })

  it(`collects ${EXPIRED} expired rows of ${name}, in two processes at once, while 32 visitors read`, async () => {
    await fill(EXPIRED)
    const load = await Load.start(apps[0], 32, false)
    const started = Date.now()
    const answers = await Promise.all(apps.map((app) => app.get('/gc')))
    const took = Date.now() - started
    await load.end()
    console.log(`${name}, ${EXPIRED} expired rows collected in ${took} ms; meanwhile ${load.summary()}`)
    expect(answers.map(({ body }) => body)).toEqual(['done', 'done'])
    expect([load.failures.length, load.loggedOut]).toEqual([0, 0])
    expect(load.slowest).toBeLessThan(1000)
    expect(await count()).toBe(32)
  }, 60_000)
}
