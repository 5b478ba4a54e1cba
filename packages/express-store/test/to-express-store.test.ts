import { describe, expect, it, vi } from 'vitest'
import { toExpressStore } from '../src/index.js'
import type { Callback } from '../src/index.js'
import { dataOf, managerOf, sidOf, start } from './support/express-app.js'
import { folder } from './support/folder.js'

describe('express-session over toExpressStore', () => {
  it('keeps sessions, and ends them', async () => {
    const manager = managerOf()
    const { browser } = await start(toExpressStore(manager))
    expect((await browser.get('/')).setCookie).toEqual([])
    await browser.get('/set/user/ada')
    await browser.get('/set/@odd/1')
    expect(await dataOf(browser)).toEqual({ user: 'ada', '@odd': '1' })
    await browser.get('/delete/@odd')
    expect(await dataOf(browser)).toEqual({ user: 'ada' })
    expect(await manager.count()).toBe(1)
    await browser.get('/logout')
    expect(await dataOf(browser)).toEqual({})
    expect(await manager.count()).toBe(0)
  })

  it('saves twice in one request, and reloads', async () => {
    const { browser } = await start(toExpressStore(managerOf()))
    expect((await browser.get('/save-twice')).body).toBe('2')
  })

  it('gives a new id and leaves the old one dead', async () => {
    const manager = managerOf()
    const { browser } = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const old = browser.jar.get('connect.sid')!
    await browser.get('/regenerate')
    expect(await dataOf(browser)).toEqual({ fresh: true })
    browser.jar.set('connect.sid', old)
    expect(await dataOf(browser)).toEqual({})
    expect(await manager.count()).toBe(1)
  })

  it.each([false, true])('keeps what requests at once set, each its own key; resave: %s', async (resave) => {
    const { browser, slow } = await start(toExpressStore(managerOf()), { resave })
    await browser.get('/set/kept/1')
    const request = browser.get('/slow/one/1')
    await slow.reached
    await browser.get('/set/other/1')
    await browser.get('/delete/kept')
    slow.release()
    await request
    expect(await dataOf(browser)).toEqual({ one: '1', other: '1' })
  })

  it.each([false, true])('keeps them also between two processes; resave: %s', async (resave) => {
    const options = { provider: 'file', providerConfig: folder() }
    const [one, other] = [
      await start(toExpressStore(managerOf(options)), { resave }),
      await start(toExpressStore(managerOf(options)), { resave }),
    ]
    const { browser } = one
    await browser.get('/set/kept/1')
    const request = browser.get('/slow/one/1')
    await one.slow.reached
    browser.app = other.browser.app
    await browser.get('/set/kept/2')
    one.slow.release()
    await request
    expect(await dataOf(browser)).toEqual({ kept: '2', one: '1' })
  })

  it.each([false, true])('leaves a session ended that a request in flight still holds; resave: %s', async (resave) => {
    const manager = managerOf()
    const { browser, slow } = await start(toExpressStore(manager), { resave })
    await browser.get('/set/user/ada')
    const cookie = browser.jar.get('connect.sid')!
    const request = browser.get('/slow/late/1')
    await slow.reached
    await browser.get('/logout')
    slow.release()
    await request
    browser.jar.set('connect.sid', cookie)
    expect(await dataOf(browser)).toEqual({})
  })

  it('keeps the session id out of the store', async () => {
    const manager = managerOf()
    const { browser } = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const sid = decodeURIComponent(browser.jar.get('connect.sid')!).slice(2).split('.')[0]!
    expect(await manager.provider.exist(sid)).toBe(false)
    expect(await manager.provider.exist(manager.identityOf(sid).id)).toBe(true)
  })

  it('ends a session with its cookie, however long the store would keep it', async () => {
    let now = Date.now()
    const manager = managerOf({ clock: () => now })
    const { browser } = await start(toExpressStore(manager), { cookie: { maxAge: 60_000 } })
    await browser.get('/set/user/ada')
    now += 59_000
    expect(await dataOf(browser)).toEqual({ user: 'ada' })
    now += 2000
    expect(await dataOf(browser)).toEqual({})
    expect(await manager.count()).toBe(0)
  })

  it('moves the expiry of who comes again, and writes it seldom', async () => {
    const manager = managerOf()
    const commit = vi.spyOn(manager, 'commit')
    const { browser } = await start(toExpressStore(manager), { cookie: { maxAge: 3_600_000 } })
    await browser.get('/set/user/ada')
    await dataOf(browser)
    expect(commit.mock.calls.map(([{ outcome }]) => outcome)).toEqual(['saved', 'unchanged'])
    const later = Date.now() + 3_000_000
    vi.spyOn(Date, 'now').mockImplementation(() => later)
    await dataOf(browser)
    expect(commit.mock.results).toHaveLength(3)
    expect(commit.mock.calls[2]![0].outcome).toBe('saved')
    expect((commit.mock.calls[2]![0].get('@express') as { expires: string }).expires).toBe(
      new Date(later + 3_600_000).toISOString(),
    )
  })

  it('tells once when the store ends sessions before their cookies', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { browser } = await start(toExpressStore(managerOf({ maxLifetime: 60 })), { cookie: { maxAge: 90_000 } })
    await browser.get('/set/a/1')
    await browser.get('/set/b/1')
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/maxLifetime, 60 s, .* maxAge is 90 s/)]])
  })

  it('gives an error of the store to next, and nobody is logged out', async () => {
    const manager = managerOf()
    const { browser } = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const find = vi.spyOn(manager.provider, 'find').mockRejectedValue(new Error('away'))
    expect(await browser.get('/')).toMatchObject({ status: 503, setCookie: [] })
    find.mockRestore()
    expect(await dataOf(browser)).toEqual({ user: 'ada' })
  })

  it.each([
    [{ previous: {} }, 'previous'],
    [{ prevoius: {} }, 'options'],
  ])('refuses %j, which would log everybody out', (options, option) => {
    expect(() => toExpressStore(managerOf(), options as never)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option }),
    )
  })

  it('moves nothing of a store that has nothing, however it says so', async () => {
    const manager = managerOf()
    const previous = {
      get: (_sid: string, callback: Callback<never>): void => callback(null, false as never),
      set: (): void => undefined,
      destroy: (_sid: string, callback: Callback): void => callback(),
    }
    const { browser } = await start(toExpressStore(manager, { previous }))
    await browser.get('/set/user/ada')
    await manager.destroy(manager.identityOf(sidOf(browser)).id)
    expect(await dataOf(browser)).toEqual({})
    expect(await manager.count()).toBe(0)
  })

  it('refuses what is no manager', () => {
    expect(() => toExpressStore({} as never)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option: 'manager' }),
    )
  })
})

describe('a store used by itself', () => {
  const call = <T>(run: (callback: (error: unknown, result?: T) => void) => void): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      run((error, result) => (error == null ? resolve(result) : reject(error as Error)))
    })
  const cookie = { originalMaxAge: null, path: '/', httpOnly: true } as never

  it('sets, gets, changes and counts sessions of any id', async () => {
    const store = toExpressStore(managerOf())
    expect(await call((done) => store.get('a session', done))).toBeUndefined()
    await call((done) => store.set('a session', { cookie, n: 1, list: [new Date(0)] }, done))
    await call((done) => store.set('a session', { cookie, n: 2, __proto__: null } as never, done))
    expect(await call((done) => store.get('a session', done))).toEqual({ cookie: expect.anything() as object, n: 2 })
    expect(await call<number>((done) => store.length!(done))).toBe(1)
    await call((done) => store.destroy('a session', done))
    await call((done) => store.touch!('a session', { cookie }, done as () => void))
    expect(await call<number>((done) => store.length!(done))).toBe(0)
  })

  it('keeps of values what JSON keeps', async () => {
    const store = toExpressStore(managerOf())
    const value = { at: new Date(0), none: undefined, call: () => 1 }
    await call((done) => store.set('s', { cookie, value, none: undefined }, done))
    expect(await call((done) => store.get('s', done))).toMatchObject({ value: { at: '1970-01-01T00:00:00.000Z' } })
  })

  it('warns where nobody is called back', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const manager = managerOf()
    await manager.close()
    toExpressStore(manager).set('s', { cookie })
    await vi.waitFor(() => expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'SESS_CLOSED' })))
  })
})
