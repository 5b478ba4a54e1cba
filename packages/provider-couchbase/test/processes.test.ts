import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from './app/app.js'
import { configOf } from './support.js'

const server = await service('couchbase', { own: true, args: ['--query'] })

const ROUNDS = 100
/** Rounds end here even if there are fewer, so that a slow machine doesn't stop the suite. */
const MAX_MS = 6000
const numbers = Array.from({ length: 50 }, (_, i) => i)

/** Runs a round again and again, and says what came of it. */
async function rounds(what: string, round: () => Promise<number>): Promise<number> {
  const start = Date.now()
  let [done, faults] = [0, 0]
  for (; done < ROUNDS && Date.now() - start < MAX_MS; done++) faults += await round()
  console.log(`${what}: ${faults} in ${done} rounds, ${Date.now() - start} ms`)
  return faults
}

describe.skipIf(!server.available)('an application in two processes', () => {
  let apps: [App, App]
  beforeAll(async () => {
    const options = { providerConfig: configOf(server.url) }
    apps = [await App.start(options), await App.start(options)]
  })
  afterAll(async () => {
    for (const app of apps) {
      expect(await app.faults()).toEqual([])
      await app.stop()
    }
  })

  it('loses none of 50 parallel changes of different keys', async () => {
    expect(await rounds('couchbase, two processes: lost of 50', () => lostOf50(apps))).toBe(0)
  })

  it('counts to 50 by 50 parallel updates', async () => {
    const round = async (): Promise<number> => {
      const cookie = await apps[0].begin('u')
      const answers = await Promise.all(numbers.map((i) => apps[i % 2]!.get('/add', cookie)))
      const { n } = JSON.parse((await apps[0].get('/all', cookie)).body) as { n: number }
      return 50 - n + answers.filter(({ status }) => status !== 200).length
    }
    expect(await rounds('couchbase, two processes: lost increments of 50', round)).toBe(0)
  })

  it.each(['/logout', '/login'])('does not bring a session back after %s with slow writers in flight', async (end) => {
    const round = async (): Promise<number> => {
      const cookie = await apps[0].begin('u')
      const writers = numbers.slice(0, 10).map((i) => apps[i % 2]!.get(`/set?key=k${i}`, cookie))
      const ended = apps[1].get(end, cookie)
      await Promise.all([...writers, ended])
      const after = await Promise.all(apps.map((app) => app.get('/read', cookie)))
      const next = (await ended).setCookie!
      const kept = end === '/logout' ? 'nobody' : (await apps[0].get('/read', next)).body
      return (
        after.filter(({ body }) => body !== 'nobody').length + (kept === (end === '/logout' ? 'nobody' : 'u') ? 0 : 1)
      )
    }
    expect(await rounds(`couchbase, two processes: back after ${end}`, round)).toBe(0)
  })

  it('would lose changes if a save compared nothing, so that the tests above prove something', async () => {
    const app = await App.start({ providerConfig: configOf(server.url), unguarded: true })
    expect(await rounds('couchbase, guard taken out: lost of 50', () => lostOf50([apps[0], app]))).toBeGreaterThan(0)
    await app.stop()
  })

  async function lostOf50(both: [App, App]): Promise<number> {
    const cookie = await both[0].begin('u')
    await Promise.all(numbers.map((i) => both[i % 2]!.get(`/set?key=k${i}`, cookie)))
    const keys = JSON.parse((await both[0].get('/all', cookie)).body) as Record<string, string>
    return numbers.filter((i) => !(`k${i}` in keys)).length
  }
})

describe.skipIf(!server.available)('the commands of a request', () => {
  let app: App
  let signed: App
  const secret = 'a secret that is long enough'
  beforeAll(async () => {
    const providerConfig = configOf(server.url)
    app = await App.start({ providerConfig })
    signed = await App.start({ providerConfig, secret })
    await app.get('/read', await app.begin('first')) // core learns from it that no expiry is told
  })
  afterAll(async () => {
    await app.stop()
    await signed.stop()
  })
  async function commands(fn: () => Promise<unknown>): Promise<string[]> {
    await server.commands()
    await fn()
    return (await server.commands()).filter((name) => name !== 'clusterConfig') // the SDK looks for it now and then
  }
  const forged = `MacaronSession=${'x'.repeat(32)}`

  it('none for a visitor without a session, and for malformed tokens', async () => {
    const visits = async (): Promise<void> => {
      for (const path of ['/untouched', '/read', '/logout'])
        for (const cookie of ['', 'MacaronSession=x']) await app.get(path, cookie)
    }
    expect(await commands(visits)).toEqual([])
  })

  it('none for a forged token where there is a secret, else one', async () => {
    expect(await commands(() => signed.get('/read', `${forged}.${'y'.repeat(43)}`))).toEqual([])
    expect(await commands(() => signed.get('/read', forged))).toEqual([])
    expect(await commands(() => app.get('/read', forged))).toEqual(['getAndTouch'])
  })

  it('one to create, one to read, two to write, none to write what is unchanged', async () => {
    let cookie = ''
    expect(await commands(async () => (cookie = await app.begin('u')))).toEqual(['insert'])
    expect(await commands(() => app.get('/read', cookie))).toEqual(['get'])
    expect(await commands(() => app.get('/unchanged', cookie))).toEqual(['get'])
    expect(await commands(() => app.get('/set?key=b', cookie))).toEqual(['get', 'replace'])
    expect(await commands(() => app.get('/logout', cookie))).toEqual(['get', 'remove'])
  })

  it('one also where the expiry is refreshed', async () => {
    const cookie = await signed.begin('u')
    const other = await App.start({ providerConfig: configOf(server.url), secret })
    await other.get('/read', await other.begin('first'))
    expect(await commands(() => other.get('/read', cookie))).toEqual(['getAndTouch'])
    expect(await commands(() => other.get('/read', cookie))).toEqual(['get'])
    await other.stop()
  })
})
