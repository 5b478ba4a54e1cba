import { createManager } from '@sess/core'
import type { Manager, SessionOptions } from '@sess/core'
import { sessioner } from '@sess/core/express'
import type { Express } from 'express'
import session from 'express-session'
import type { SessionOptions as ExpressOptions, Store } from 'express-session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { toExpressStore } from '../src/index.js'
import { App, Browser } from './support/app.js'
import { folder, kinds } from './support/stores.js'

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown
  }
}

const SECRET = 'keyboard cat'
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const app of running.splice(0)) await app.stop()
})

function managerOf(options: SessionOptions = {}): Manager {
  const manager = createManager({ maxLifetime: 3600, ...options })
  running.push({ stop: () => manager.close() })
  return manager
}

/** Pages that an application with express-session has; `/slow/…` waits until `release` is called. */
function pages(site: Express): void {
  site.get('/set/:key/:value', (req, res) => {
    req.session[req.params.key] = req.params.value
    res.end()
  })
  site.get('/slow/:key/:value', async (req, res) => {
    arrived()
    await gate
    req.session[req.params.key] = req.params.value
    res.end()
  })
  site.get('/delete/:key', (req, res) => {
    delete req.session[req.params.key]
    res.end()
  })
  site.get('/save-twice', (req, res, next) => {
    req.session['n'] = 1
    req.session.save()
    req.session['n'] = 2
    req.session.save((error) => (error ? next(error) : req.session.reload(() => res.json(req.session['n']))))
  })
  site.get('/regenerate', (req, res, next) => {
    req.session.regenerate((error: unknown) => {
      req.session['fresh'] = true
      if (error) next(error)
      else res.end()
    })
  })
  site.get('/logout', (req, res, next) => {
    req.session.destroy((error: unknown) => (error ? next(error) : res.end()))
  })
  site.get('/', (req, res) => {
    const { cookie: _cookie, ...data } = req.session
    res.json(data)
  })
}

let gate: Promise<void>
let release: () => void
let arrived: () => void
let reached: Promise<void>

async function start(store: Store, options: Partial<ExpressOptions> = {}): Promise<Browser> {
  gate = new Promise((done) => (release = done))
  reached = new Promise((done) => (arrived = done))
  const app = await App.start((site) => {
    site.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false, ...options }))
    pages(site)
  })
  running.push(app)
  return new Browser(app)
}

const get = async (browser: Browser): Promise<unknown> => JSON.parse((await browser.get('/')).body) as unknown

describe('express-session over toExpressStore', () => {
  it('keeps sessions, and ends them', async () => {
    const manager = managerOf()
    const browser = await start(toExpressStore(manager))
    expect((await browser.get('/')).setCookie).toEqual([])
    await browser.get('/set/user/ada')
    await browser.get('/set/@odd/1')
    expect(await get(browser)).toEqual({ user: 'ada', '@odd': '1' })
    await browser.get('/delete/@odd')
    expect(await get(browser)).toEqual({ user: 'ada' })
    expect(await manager.count()).toBe(1)
    await browser.get('/logout')
    expect(await get(browser)).toEqual({})
    expect(await manager.count()).toBe(0)
  })

  it('saves twice in one request, and reloads', async () => {
    expect((await (await start(toExpressStore(managerOf()))).get('/save-twice')).body).toBe('2')
  })

  it('gives a new id and leaves the old one dead', async () => {
    const manager = managerOf()
    const browser = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const old = browser.jar.get('connect.sid')!
    await browser.get('/regenerate')
    expect(await get(browser)).toEqual({ fresh: true })
    browser.jar.set('connect.sid', old)
    expect(await get(browser)).toEqual({})
    expect(await manager.count()).toBe(1)
  })

  it.each([false, true])('keeps what requests at once set, each its own key; resave: %s', async (resave) => {
    const browser = await start(toExpressStore(managerOf()), { resave })
    await browser.get('/set/kept/1')
    const slow = browser.get('/slow/one/1')
    await reached
    await browser.get('/set/other/1')
    await browser.get('/delete/kept')
    release()
    await slow
    expect(await get(browser)).toEqual({ one: '1', other: '1' })
  })

  it.each([false, true])('leaves a session ended that a request in flight still holds; resave: %s', async (resave) => {
    const manager = managerOf()
    const browser = await start(toExpressStore(manager), { resave })
    await browser.get('/set/user/ada')
    const cookie = browser.jar.get('connect.sid')!
    const slow = browser.get('/slow/late/1')
    await reached
    await browser.get('/logout')
    release()
    await slow
    browser.jar.set('connect.sid', cookie)
    expect(await get(browser)).toEqual({})
  })

  it('keeps the session id out of the store', async () => {
    const manager = managerOf()
    const browser = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const sid = decodeURIComponent(browser.jar.get('connect.sid')!).slice(2).split('.')[0]!
    expect(await manager.provider.exist(sid)).toBe(false)
    expect(await manager.provider.exist(manager.identityOf(sid).id)).toBe(true)
  })

  it('ends a session with its cookie, however long the store would keep it', async () => {
    let now = Date.now()
    const manager = managerOf({ clock: () => now })
    const browser = await start(toExpressStore(manager), { cookie: { maxAge: 60_000 } })
    await browser.get('/set/user/ada')
    now += 59_000
    expect(await get(browser)).toEqual({ user: 'ada' })
    now += 2000
    expect(await get(browser)).toEqual({})
    expect(await manager.count()).toBe(0)
  })

  it('moves the expiry of who comes again, and writes it seldom', async () => {
    const manager = managerOf()
    const commit = vi.spyOn(manager, 'commit')
    const browser = await start(toExpressStore(manager), { cookie: { maxAge: 3_600_000 } })
    await browser.get('/set/user/ada')
    await get(browser)
    expect(commit.mock.calls.map(([{ outcome }]) => outcome)).toEqual(['saved', 'unchanged'])
    const later = Date.now() + 3_000_000
    vi.spyOn(Date, 'now').mockImplementation(() => later)
    await get(browser)
    expect(commit.mock.results).toHaveLength(3)
    expect(commit.mock.calls[2]![0].outcome).toBe('saved')
    expect((commit.mock.calls[2]![0].get('@express') as { expires: string }).expires).toBe(
      new Date(later + 3_600_000).toISOString(),
    )
  })

  it('tells once when the store ends sessions before their cookies', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const browser = await start(toExpressStore(managerOf({ maxLifetime: 60 })), { cookie: { maxAge: 90_000 } })
    await browser.get('/set/a/1')
    await browser.get('/set/b/1')
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/maxLifetime, 60 s, .* maxAge is 90 s/)]])
  })

  it('gives an error of the store to next, and nobody is logged out', async () => {
    const manager = managerOf()
    const browser = await start(toExpressStore(manager))
    await browser.get('/set/user/ada')
    const find = vi.spyOn(manager.provider, 'find').mockRejectedValue(new Error('away'))
    expect(await browser.get('/')).toMatchObject({ status: 503, setCookie: [] })
    find.mockRestore()
    expect(await get(browser)).toEqual({ user: 'ada' })
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

describe.each(kinds)('a move from $name', ({ isAvailable, open }) => {
  it.skipIf(!isAvailable)('logs nobody out: first the store, then the middleware', async () => {
    const previous = open()
    const browser = await start(previous)
    await browser.get('/set/user/ada')
    await browser.get('/set/seen/once')

    const provider = { provider: 'file', providerConfig: folder() }
    const manager = managerOf(provider)
    browser.app = (await start(toExpressStore(manager, { previous: previous as never }))).app
    const both = await Promise.all([get(browser), get(browser), get(browser)])
    for (const data of both) expect(data).toMatchObject({ user: 'ada', seen: 'once' })
    await browser.get('/set/seen/twice')
    expect(await get(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
    expect(await manager.count()).toBe(1)
    expect(await new Promise((done) => previous.get(sidOf(browser), (_error, found) => done(found ?? null)))).toBeNull()

    const sessions = sessioner({ ...provider, expressCookie: { secret: SECRET } })
    running.push({ stop: () => sessions.close() })
    browser.app = await App.start((site) => {
      site.use(sessions)
      site.get('/', (req, res) => void res.json(Object.fromEntries(sessions.of(req)!.entries())))
    })
    running.push(browser.app as App)
    expect(await get(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
    browser.jar.delete('connect.sid')
    expect(await get(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
  })

  it.skipIf(!isAvailable)('ends a session in the store before, too', async () => {
    const previous = open()
    const browser = await start(previous)
    await browser.get('/set/user/ada')
    const cookie = browser.jar.get('connect.sid')!
    browser.app = (await start(toExpressStore(managerOf(), { previous: previous as never }))).app
    await browser.get('/logout')
    browser.jar.set('connect.sid', cookie)
    expect(await get(browser)).toEqual({})
  })
})

const sidOf = (browser: Browser): string => decodeURIComponent(browser.jar.get('connect.sid')!).slice(2).split('.')[0]!
