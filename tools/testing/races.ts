/**
 * What must hold when an application runs in two processes.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from './app.js'
import type { Bounds } from './rounds.js'
import { rounds } from './rounds.js'

const numbers = Array.from({ length: 50 }, (_, i) => i)

async function lostOf50(both: readonly [App, App]): Promise<number> {
  const cookie = await both[0].begin('u')
  const answers = await Promise.all(numbers.map((i) => both[i % 2]!.get(`/set?key=k${i}`, cookie)))
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]) // what failed is not lost
  const keys = JSON.parse((await both[0].get('/all', cookie)).body) as Record<string, string>
  return numbers.filter((i) => !(`k${i}` in keys)).length
}

async function lostIncrements(both: readonly [App, App]): Promise<number> {
  const cookie = await both[0].begin('u')
  const answers = await Promise.all(numbers.map((i) => both[i % 2]!.get('/add', cookie)))
  const { n } = JSON.parse((await both[0].get('/all', cookie)).body) as { n: number }
  return 50 - n + answers.filter(({ status }) => status !== 200).length
}

/** Of many sessions at once, so that their saves share statements, where there are any, which lock the same rows. */
async function lostOfMany(both: readonly [App, App]): Promise<number> {
  const cookies = await Promise.all(numbers.map((i) => both[0].begin(`u${i}`)))
  const visits = [cookies, [...cookies].reverse()].flatMap((order, i) =>
    order.map((cookie) => both[i]!.get('/add', cookie)),
  )
  const answers = await Promise.all(visits)
  const all = await Promise.all(cookies.map((cookie) => both[0].get('/all', cookie)))
  const lost = all.map(({ body }) => 2 - (JSON.parse(body) as { n: number }).n)
  return lost.reduce((sum, n) => sum + Math.abs(n), 0) + answers.filter(({ status }) => status !== 200).length
}

/** A log-out, or a log-in with its new id, with slow writers in flight. */
async function backAfter(end: '/logout' | '/login', both: readonly [App, App]): Promise<number> {
  const cookie = await both[0].begin('u')
  const writers = numbers.slice(0, 10).map((i) => both[i % 2]!.get(`/set?key=k${i}`, cookie))
  const ended = both[1].get(end, cookie)
  await Promise.all([...writers, ended])
  const after = await Promise.all(both.map((app) => app.get('/read', cookie)))
  const back = after.filter(({ body }) => body !== 'nobody').length
  if (end === '/logout') return back
  const { body } = await both[0].get('/read', (await ended).setCookie)
  return back + (body === 'u' ? 0 : 1)
}

/**
 * @param start an application server; all on one store
 * @param bounds of each race
 */
export function races(name: string, start: (options: { unguarded?: boolean }) => Promise<App>, bounds: Bounds): void {
  describe(`an application in two processes on ${name}`, () => {
    let apps: [App, App]
    beforeAll(async () => {
      apps = [await start({}), await start({})]
    })
    afterAll(async () => {
      for (const app of apps) {
        expect(await app.faults()).toEqual([])
        await app.stop()
      }
    })

    it('loses none of 50 parallel changes of different keys', async () => {
      expect(await rounds(`${name}: lost of 50`, bounds, () => lostOf50(apps))).toBe(0)
    })

    it('counts to 50 by 50 parallel updates', async () => {
      expect(await rounds(`${name}: lost increments of 50`, bounds, () => lostIncrements(apps))).toBe(0)
    })

    it('loses no update of 50 sessions that both change at once, in opposite orders', async () => {
      expect(await rounds(`${name}: lost of 50 sessions`, bounds, () => lostOfMany(apps))).toBe(0)
    })

    it.each(['/logout', '/login'] as const)('does not bring a session back after %s', async (end) => {
      expect(await rounds(`${name}: back after ${end}`, bounds, () => backAfter(end, apps))).toBe(0)
    })

    it('would lose changes if a save compared nothing, so that the tests above prove something', async () => {
      const app = await start({ unguarded: true })
      const few = { ...bounds, wanted: 20 }
      const lost = await rounds(`${name}, guard taken out: lost of 50`, few, () => lostOf50([apps[0], app]))
      expect(lost).toBeGreaterThan(0)
      await app.stop()
    })
  })
}
