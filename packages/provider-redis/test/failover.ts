import { expect } from 'vitest'
import type { App } from '../../../tools/testing/app.js'
import type { Load } from '../../../tools/testing/load.js'
import { until } from '../../../tools/testing/until.js'
import { sleep } from './support.js'

/** Waits until a visitor's session is served again, and for a while that no more errors come. */
export async function settled(app: App, cookie: string, load: Load): Promise<void> {
  await until(async () => (await app.get('/set?key=late', cookie)).body === 'done', 12_000)
  for (let failed = -1; failed !== load.failures.length; ) {
    failed = load.failures.length
    await sleep(700)
  }
}

export async function expectNothingLost(app: App, cookie: string, load: Load): Promise<void> {
  await load.end()
  expect(load.loggedOut).toBe(0)
  expect(load.failures.filter(({ status }) => status !== 503)).toEqual([])
  expect(load.slowest).toBeLessThan(2 * 5000 + 1000)
  expect(JSON.parse((await app.get('/all', cookie)).body)).toEqual({ user: 'me', before: 'before', late: 'late' })
  expect((await app.faults()).filter((fault) => fault.startsWith('unhandled'))).toEqual([])
}
