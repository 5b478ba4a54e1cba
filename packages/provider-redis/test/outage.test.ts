import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App, Load } from './app/app.js'
import { sleep, until } from './support.js'

const server = await service('redis', { own: true })

const STORE_TIMEOUT = 1
/** What an answer may take: the time for the store, twice where a request reads and then writes, and a slow machine's. */
const PATIENCE = 2 * STORE_TIMEOUT * 1000 + 700

type Fault = [name: string, away: () => Promise<void>, back: () => Promise<void>]
const faults: Fault[] = [
  ['paused', () => server.pause(), () => server.resume()],
  ['killed', () => server.kill(), () => server.restart()],
]

describe.skipIf(!server.available)('50 visitors while the server', () => {
  let app: App
  beforeAll(async () => {
    app = await App.start({ providerConfig: `addr=${server.addresses[0]},pool_size=2`, storeTimeout: STORE_TIMEOUT })
  })
  afterAll(() => app.stop())

  it.each(faults)('is %s and comes back: each request is answered, nobody is logged out', async (name, away, back) => {
    const load = await Load.start(app)
    await sleep(300)
    expect(load.failures).toEqual([])
    await away()
    await sleep(2500)
    const { answered } = load
    await sleep(300)
    expect(load.answered - answered).toBeGreaterThan(50) // once it is known to be away, errors come at once
    await back()
    await until(async () => (await app.get('/begin?user=u')).status === 200)
    const recovered = performance.now()
    await sleep(300)
    await load.end()
    console.log(`redis ${name}: ${load.summary()}`)
    expect(load.failuresSince(recovered)).toEqual([])
    expect([...new Set(load.failures.map(({ status }) => status))]).toEqual([503])
    expect(load.loggedOut).toBe(0)
    expect(load.slowest).toBeLessThan(PATIENCE)
    const seen = await app.faults()
    expect(seen.filter((fault) => !fault.includes("warning: redis can't be reached"))).toEqual([])
    expect(seen.length).toBeLessThanOrEqual(faults.length)
  })

  it('is restarted: the script is loaded again, and all sessions are there', async () => {
    const load = await Load.start(app)
    await sleep(200)
    await server.restart()
    await until(async () => (await app.get('/begin?user=u')).status === 200)
    const recovered = performance.now()
    await sleep(300)
    await load.end()
    console.log(`redis restarted: ${load.summary()}`)
    expect([load.failuresSince(recovered).length, load.loggedOut]).toEqual([0, 0])
  })
})

describe.skipIf(!server.available)("onOutage: 'anonymous'", () => {
  it('serves without a session while the server is away, keeps the cookie, and refuses changes', async () => {
    const providerConfig = `addr=${server.addresses[0]}`
    const app = await App.start({ providerConfig, storeTimeout: STORE_TIMEOUT, onOutage: 'anonymous' })
    const cookie = await app.begin('me')
    await server.kill()
    await sleep(200)
    expect(await app.get('/read', cookie)).toMatchObject({ status: 200, body: 'nobody', setCookie: undefined })
    expect(await app.get('/add', cookie)).toMatchObject({ status: 503, setCookie: undefined })
    expect(await app.get('/logout', cookie)).toMatchObject({ status: 503, setCookie: undefined })
    await server.restart()
    await until(async () => (await app.get('/read', cookie)).body === 'me')
    await app.stop()
  })
})
