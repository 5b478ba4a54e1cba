/** What is true of sessions over HTTP, on every server and framework. */
import diagnostics from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CookieEvent, SessionOptions } from '../../src/index.js'
import type { Answer, Browser } from '../support/server.js'
import { tokenIn } from '../support/server.js'
import { Spy } from '../support/spy-provider.js'
import { Client } from './client.js'
import { closeGate } from './pages.js'
import type { Running } from './servers.js'
import { subjects } from './servers.js'

const COOKIE = /^MacaronSession=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/
const FORGED = `MacaronSession=${'A'.repeat(32)}`
const down = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const fine = (): undefined => undefined

const unhandled: unknown[] = []
const reasons: string[] = []
const noteError = (error: unknown): number => unhandled.push(error)
const noteReason = (event: unknown): number => reasons.push((event as CookieEvent).reason)

beforeEach(() => {
  unhandled.length = 0
  reasons.length = 0
  process.on('unhandledRejection', noteError)
  diagnostics.subscribe('sess:cookie', noteReason)
  vi.spyOn(console, 'error').mockImplementation(() => undefined) // where frameworks print the errors below
})

afterEach(() => {
  process.off('unhandledRejection', noteError)
  diagnostics.unsubscribe('sess:cookie', noteReason)
  vi.restoreAllMocks()
  expect(unhandled).toEqual([])
})

describe.each(subjects)('$name', ({ start, version }) => {
  let spy: Spy
  let running: Running | undefined
  let client: Client

  beforeEach(() => {
    spy = new Spy()
  })
  afterEach(async () => {
    await running?.close()
    running = undefined
  })

  async function open(options: SessionOptions = {}): Promise<Browser> {
    await running?.close()
    running = await start({ provider: spy.provider, storeTimeout: 0.2, ...options })
    client = new Client(running.port, version)
    return client.browser()
  }

  /** A visitor whose session holds n=1. */
  async function openWithSession(options?: SessionOptions): Promise<Browser> {
    const browser = await open(options)
    await browser.get(options?.lazy === true ? '/key?k' : '/set')
    spy.take()
    return browser
  }

  it('costs a visitor without a cookie nothing', async () => {
    await open()
    const { status, body, setCookie, headers } = await client.request('/static')
    expect({ status, body, setCookie }).toEqual({ status: 200, body: 'static', setCookie: [] })
    expect(headers.vary).toBeUndefined()
    expect(headers['cache-control']).toBeUndefined()
    const read = await client.request('/read')
    expect(read).toMatchObject({ body: 'n=undefined', setCookie: [], headers: { vary: 'Cookie' } })
    expect(spy.take()).toEqual([])
  })

  it('never adopts a forged cookie', async () => {
    await open()
    expect(await client.request('/read', FORGED)).toMatchObject({ body: 'n=undefined', setCookie: [] })
    expect(spy.take()).toEqual(['load'])
    await client.request('/read', 'MacaronSession=../../etc/passwd')
    expect(spy.take()).toEqual([])
    const [cookie] = (await client.request('/set', FORGED)).setCookie
    expect(cookie).toMatch(COOKIE)
    expect(cookie).not.toContain(FORGED)
  })

  it('creates a session before the first byte', async () => {
    await open()
    spy.delay = () => 30
    const answer = await client.request('/set')
    expect(await spy.records.count()).toBe(1)
    expect(answer).toMatchObject({ status: 200, body: 'n=1', headers: { vary: 'Cookie' } })
    expect(answer.headers['cache-control']).toBe('private, no-cache="Set-Cookie"')
    expect(answer.setCookie).toEqual([expect.stringMatching(COOKIE)])
  })

  it('lets a redirect read what was written', async () => {
    const browser = await open()
    spy.delay = (command) => (command === 'save' ? 5 : 0)
    for (let round = 1; round <= 5; round++) {
      expect(await browser.get('/set-and-redirect')).toMatchObject({ status: 302, headers: { location: '/read' } })
      expect((await browser.get('/read')).body).toBe(`n=${round}`)
    }
  })

  it('writes nothing, and sends no cookie again, for who only reads', async () => {
    const browser = await openWithSession()
    expect(await browser.get('/read')).toMatchObject({ body: 'n=1', setCookie: [], headers: { vary: 'Cookie' } })
    expect(spy.take()).toEqual(['load'])
  })

  it('regenerates: another token, the same data, the old one dead', async () => {
    const browser = await openWithSession()
    const old = browser.cookie
    expect((await browser.get('/regenerate')).body).toBe('n=1')
    expect(browser.cookie).not.toBe(old)
    expect((await browser.get('/read')).body).toBe('n=1')
    expect((await client.request('/read', old)).body).toBe('n=undefined')
  })

  it('destroys: the record and the cookie', async () => {
    const browser = await openWithSession()
    const old = browser.cookie
    const [cookie] = (await browser.get('/destroy')).setCookie
    expect(cookie).toMatch(/^MacaronSession=; Max-Age=0; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
    expect((await client.request('/read', old)).body).toBe('n=undefined')
    expect(await running!.manager.count()).toBe(0)
  })

  it('shows a flash message once: now, or on the page after a redirect', async () => {
    const browser = await open()
    expect((await browser.get('/now')).body).toBe('only here')
    expect(tokenIn(browser)).toBeUndefined()
    expect((await browser.get('/flash')).status).toBe(302)
    expect((await browser.get('/show')).body).toBe('saved')
    expect((await browser.get('/show')).body).toBe('')
  })

  it('streams, and commits what a stream changes before it ends', async () => {
    const browser = await openWithSession()
    spy.delay = (command) => (command === 'save' ? 20 : 0)
    expect((await browser.get('/stream')).body).toBe('one,two,three')
    expect((await browser.get('/keys')).body).toBe('first,later,n')
  })

  it('cuts a stream off when its last change can not be kept', async () => {
    const browser = await openWithSession()
    spy.fail = (command) => (command === 'save' ? down() : undefined)
    const answer = await browser.get('/stream').catch(() => 'cut off')
    // Where the stream's beginning still belongs to the handler, there is an error page.
    expect(answer).toSatisfy((it: typeof answer) => it === 'cut off' || (it as Answer).status >= 500)
  })

  it('ends no stream of a known length before its change is stored', async () => {
    const browser = await openWithSession()
    spy.delay = (command) => (command === 'save' ? 20 : 0)
    expect((await browser.get('/sized')).body).toBe('one,two.')
    expect((await browser.get('/read')).body).toBe('n=2')
    spy.fail = (command) => (command === 'save' ? down() : undefined)
    const answer = await browser.get('/sized').catch(() => 'cut off')
    expect(answer).toSatisfy((it: typeof answer) => it === 'cut off' || (it as Answer).status >= 500)
  })

  it('waits for a save that the handler does not wait for, and fails with it', async () => {
    const browser = await openWithSession()
    spy.delay = (command) => (command === 'save' ? 20 : 0)
    expect((await browser.get('/save-and-redirect')).status).toBe(302)
    expect((await browser.get('/read')).body).toBe('n=2')
    spy.fail = (command) => (command === 'save' ? down() : undefined)
    expect((await browser.get('/save-and-redirect')).status).toBe(503)
  })

  it('gives a renewed token to who asks for a page without a look at the session', async () => {
    let now = Date.now()
    const browser = await openWithSession({ renewEvery: 60, renewGrace: 1, clock: () => now })
    now += 60_000
    const before = browser.cookie
    expect((await browser.get('/static')).setCookie).toHaveLength(1)
    now += 2000
    expect((await browser.get('/read')).body).toBe('n=1')
    expect((await client.request('/read', before)).body).toBe('n=undefined')
  })

  it('can not begin a session in a stream, and says why', async () => {
    await open()
    expect(await client.request('/late')).toMatchObject({ status: 200, body: 'begun,SESS_HEADERS_SENT', setCookie: [] })
    expect(reasons).toEqual(['headers-sent'])
    expect(spy.take()).toEqual([])
  })

  it('keeps what a session changed before its handler threw', async () => {
    const browser = await openWithSession()
    expect((await browser.get('/throw')).status).toBe(500)
    expect((await browser.get('/read')).body).toBe('n=2')
  })

  it('keeps what a session changed although the visitor hung up', async () => {
    const browser = await openWithSession()
    const gate = closeGate()
    await client.abort('/slow', browser.cookie, gate.reached)
    gate.open()
    await vi.waitFor(async () => expect((await browser.get('/read')).body).toBe('n=2'), { interval: 5 })
  })

  it('answers 503 when the store is down for loading; back again, nobody is logged out', async () => {
    const browser = await openWithSession()
    spy.fail = down
    for (const path of ['/static', '/read', '/set', '/stream']) {
      expect(await browser.get(path)).toMatchObject({ status: 503, setCookie: [] })
    }
    expect((await client.request('/static')).status).toBe(200)
    spy.fail = fine
    expect((await browser.get('/read')).body).toBe('n=1')
  })

  it('answers 503, and sets no cookie, when the store is down for saving', async () => {
    const browser = await openWithSession()
    spy.fail = (command) => (command === 'load' ? undefined : down())
    const paths = ['/set', '/own-headers', '/set-and-redirect', '/regenerate', '/destroy']
    for (const path of paths) {
      const answer = await browser.get(path)
      expect([path, answer.status]).toEqual([path, 503])
      expect(answer.setCookie.filter((cookie) => cookie.startsWith('Macaron'))).toEqual([])
      expect(answer.body).not.toContain('n=')
    }
    const fresh = await client.request('/set')
    expect(fresh).toMatchObject({ status: 503, setCookie: [] })
    expect(reasons.filter((reason) => reason !== 'store-failed')).toEqual([])
    expect(reasons.length).toBeGreaterThan(3)
    spy.fail = fine
    expect((await browser.get('/set')).body).toBe('n=2')
  })

  it.each(['/regenerate-and-set', '/log-in'])(
    'tells the new id that the store has confirmed, though what came after it failed: %s',
    async (path) => {
      const browser = await openWithSession()
      const before = browser.cookie
      let isMoved = false
      spy.fail = (command) => {
        isMoved ||= command === 'rename'
        return isMoved && command === 'save' ? down() : undefined
      }
      expect((await browser.get(path)).status).toBe(503)
      expect(browser.cookie).not.toBe(before)
      spy.fail = fine
      expect((await browser.get('/read')).body).toBe('n=1')
    },
  )

  it('answers 503, and soon, when the store never answers', async () => {
    const browser = await openWithSession()
    spy.hangs = true
    const begun = Date.now()
    const answers = await Promise.all([browser.get('/read'), client.request('/set')])
    expect(answers.map(({ status }) => status)).toEqual([503, 503])
    expect(Date.now() - begun).toBeLessThan(1000)
  })

  it('loses no change of parallel requests', async () => {
    const browser = await openWithSession()
    spy.delay = () => 2
    const keys = Array.from({ length: 10 }, (_, i) => `k${i}`)
    await Promise.all(keys.map((key) => browser.get(`/key?${key}`)))
    expect((await browser.get('/keys')).body).toBe([...keys, 'n'].join())
  })

  it("keeps the handler's cookies, Vary and Cache-Control", async () => {
    await open()
    const { headers, setCookie } = await client.request('/own-headers')
    expect(headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Accept, Cookie' })
    expect(setCookie.map((cookie) => cookie.split('=')[0])).toEqual(
      expect.arrayContaining(['mine', 'other', 'MacaronSession']),
    )
    expect(setCookie).toHaveLength(3)
  })

  it('behind a proxy that ended TLS, is secure when the proxy is trusted', async () => {
    const init = { headers: { 'x-forwarded-proto': 'https' } }
    const isSecure = async (options: SessionOptions): Promise<boolean> => {
      await open(options)
      return (await client.request('/set', '', init)).setCookie[0]!.includes('; Secure')
    }
    expect(await isSecure({})).toBe(false)
    expect(await isSecure({ trustProxy: true })).toBe(true)
    expect(await isSecure({ trustProxy: ['10.0.0.0/8'] })).toBe(false)
    expect(await isSecure({ trustProxy: ['127.0.0.0/8'] })).toBe(true)
    expect(await isSecure({ secure: true })).toBe(true)
  })

  it('says so when another request ended the session meanwhile', async () => {
    const browser = await openWithSession()
    const gate = closeGate()
    const pending = client.request('/slow', browser.cookie)
    await gate.reached
    await client.request('/destroy', browser.cookie)
    gate.open()
    expect((await pending).setCookie).toEqual([])
    expect(reasons).toEqual(['gone'])
    expect(await running!.manager.count()).toBe(0)
  })

  it('with lazy: true, loads when a handler asks for it', async () => {
    const browser = await open()
    await browser.get('/set')
    const { provider } = spy
    await open({ provider, lazy: true })
    spy.take()
    expect((await client.request('/static', browser.cookie)).body).toBe('static')
    expect(spy.take()).toEqual([])
    expect((await client.request('/read', browser.cookie)).status).toBe(500)
    expect(spy.take()).toEqual([])
    expect((await client.request('/load', browser.cookie)).body).toBe('n=1')
    expect(spy.take()).toEqual(['load'])
  })
})
