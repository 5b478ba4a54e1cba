import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App, Load } from './app/app.js'
import { configOf, sleep, until } from './support.js'

const server = await service('couchbase', { own: true })

const STORE_TIMEOUT = 1
/** What an answer may take: the time for the store, twice where a request reads and then writes, and a slow machine's. */
const PATIENCE = 2 * STORE_TIMEOUT * 1000 + 700

describe.skipIf(!server.available)('50 visitors while the server', () => {
  let app: App
  beforeAll(async () => {
    app = await App.start({ providerConfig: configOf(server.url), storeTimeout: STORE_TIMEOUT })
  })
  afterAll(() => app.stop())

  it('is paused and comes back: each request is answered, nobody is logged out', async () => {
    const load = await Load.start(app)
    await duringOutage(
      load,
      () => server.pause(),
      () => server.resume(),
    )
    expect(load.loggedOut).toBe(0)
  })

  it('is killed and comes back: each request is answered, and the sessions are gone with it', async () => {
    const load = await Load.start(app)
    await duringOutage(
      load,
      () => server.kill(),
      async () => {
        expect(load.loggedOut).toBe(0)
        await server.restart()
      },
    )
  })

  it('is restarted again and again', async () => {
    const load = await Load.start(app)
    for (let i = 0; i < 3; i++) {
      await sleep(100)
      await server.restart()
      await until(async () => (await app.get('/begin?user=u')).status === 200)
    }
    const recovered = performance.now()
    await sleep(200)
    await load.end()
    console.log(`couchbase restarted: ${load.summary()}`)
    expect(load.failuresSince(recovered)).toEqual([])
    expect(load.slowest).toBeLessThan(PATIENCE)
  })

  async function duringOutage(load: Load, away: () => Promise<void>, back: () => Promise<void>): Promise<void> {
    const before = await app.faults()
    await sleep(STORE_TIMEOUT * 1000) // so that the outage before this one is over
    expect(load.failures).toEqual([])
    await away()
    await sleep(2000)
    const { answered } = load
    await sleep(300)
    expect(load.answered).toBeGreaterThan(answered)
    await back()
    await until(async () => (await app.get('/begin?user=u')).status === 200)
    const recovered = performance.now()
    await sleep(300)
    await load.end()
    console.log(`couchbase away and back: ${load.summary()}`)
    expect(load.failuresSince(recovered)).toEqual([])
    expect([...new Set(load.failures.map(({ status }) => status))]).toEqual([503])
    expect(load.slowest).toBeLessThan(PATIENCE)
    const told = expect.stringContaining("warning: couchbase can't be reached: ") as string
    expect(await app.faults()).toEqual([...before, told]) // once; and nothing unhandled, nothing on the console
  }
})

describe.skipIf(!server.available)("onOutage: 'anonymous'", () => {
  it('serves without a session while the server is away, keeps the cookie, and refuses changes', async () => {
    const providerConfig = configOf(server.url)
    const app = await App.start({ providerConfig, storeTimeout: STORE_TIMEOUT, onOutage: 'anonymous' })
    const cookie = await app.begin('me')
    await server.kill()
    await sleep(200)
    expect(await app.get('/read', cookie)).toMatchObject({ status: 200, body: 'nobody', setCookie: undefined })
    expect(await app.get('/add', cookie)).toMatchObject({ status: 503, setCookie: undefined })
    expect(await app.get('/logout', cookie)).toMatchObject({ status: 503, setCookie: undefined })
    await server.restart()
    await until(async () => (await app.get('/begin?user=u')).status === 200) // what it held is gone
    await app.stop()
  })
})
