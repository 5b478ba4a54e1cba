import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from './app/app.js'
import { admin, commandCounts } from './support.js'

const server = await service('redis', { own: true })

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
    const options = { providerConfig: `addr=${server.addresses[0]}` }
    apps = [await App.start(options), await App.start(options)]
  })
  afterAll(async () => {
    for (const app of apps) {
      expect(await app.faults()).toEqual([])
      await app.stop()
    }
  })

  it('loses none of 50 parallel changes of different keys', async () => {
    expect(await rounds('redis, two processes: lost of 50', () => lostOf50(apps))).toBe(0)
  })

  it('counts to 50 by 50 parallel updates', async () => {
    const round = async (): Promise<number> => {
      const cookie = await apps[0].begin('u')
      const answers = await Promise.all(numbers.map((i) => apps[i % 2]!.get('/add', cookie)))
      const { n } = JSON.parse((await apps[0].get('/all', cookie)).body) as { n: number }
      return 50 - n + answers.filter(({ status }) => status !== 200).length
    }
    expect(await rounds('redis, two processes: lost increments of 50', round)).toBe(0)
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
    expect(await rounds(`redis, two processes: back after ${end}`, round)).toBe(0)
  })

  it('would lose changes if a save compared nothing, so that the tests above prove something', async () => {
    const app = await App.start({ unguarded: server.url })
    expect(await rounds('redis, guard taken out: lost of 50', () => lostOf50([apps[0], app]))).toBeGreaterThan(0)
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
  const client = admin(server.available ? server.servers[0]!.port : 0)
  beforeAll(async () => {
    const providerConfig = `addr=${server.addresses[0]}`
    app = await App.start({ providerConfig, maxLifetime: 600 })
    signed = await App.start({ providerConfig, secret: 'a secret that is long enough' })
    await app.get('/set?key=a', await app.begin('warm')) // the script is loaded
  })
  afterAll(async () => {
    client.disconnect()
    await app.stop()
    await signed.stop()
  })

  async function commands(fn: () => Promise<unknown>): Promise<Record<string, number>> {
    await client.config('RESETSTAT')
    await fn()
    const { info: _, 'config|resetstat': __, ...counts } = await commandCounts(client)
    return counts
  }
  const forged = `MacaronSession=${'x'.repeat(32)}`

  it('none for a visitor without a session, and for malformed tokens', async () => {
    const visits = async (): Promise<void> => {
      for (const path of ['/untouched', '/read', '/logout'])
        for (const cookie of ['', 'MacaronSession=x']) await app.get(path, cookie)
    }
    expect(await commands(visits)).toEqual({})
  })

  it('none for a forged token where there is a secret, else one; and nothing is left', async () => {
    const before = await client.dbsize()
    expect(await commands(() => signed.get('/read', `${forged}.${'y'.repeat(43)}`))).toEqual({})
    expect(await commands(() => signed.get('/read', forged))).toEqual({})
    expect(Object.values(await commands(() => app.get('/read', forged)))).toEqual([1])
    expect(await client.dbsize()).toBe(before)
  })

  it('one to create, one to read, two to write, none to write what is unchanged', async () => {
    let cookie = ''
    expect(await commands(async () => (cookie = await app.begin('u')))).toEqual({ set: 1 })
    expect(await commands(() => app.get('/read', cookie))).toEqual({ get: 1 })
    expect(await commands(() => app.get('/unchanged', cookie))).toEqual({ get: 1 })
    const write = { get: 1, evalsha: 1, set: 1, getrange: 1 } // the last two inside the script
    expect(await commands(() => app.get('/set?key=b', cookie))).toEqual(write)
  })

  it('one also where the expiry is refreshed', async () => {
    const cookie = await app.begin('u')
    const other = await App.start({ providerConfig: `addr=${server.addresses[0]}`, maxLifetime: 600 })
    await other.get('/read', await other.begin('first')) // core learns from its first record that redis tells no expiry
    expect(await commands(() => other.get('/read', cookie))).toEqual({ getex: 1 })
    expect(await commands(() => other.get('/read', cookie))).toEqual({ get: 1 })
    await other.stop()
  })
})
