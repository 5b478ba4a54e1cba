import diagnostics from 'node:diagnostics_channel'
import express from 'express'
import type { AddressInfo } from 'node:net'
import http from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CookieEvent, SessionOptions } from '../../src/index.js'
import { defineProvider, SessionError, sessioner } from '../../src/index.js'
import { MemoryStorage } from '../../src/providers/memory.js'
import { App, send } from '../support/server.js'
import type { Browser, Handler } from '../support/server.js'
import { Spy } from '../support/spy-provider.js'

let app: App
let spy: Spy
const unhandled: unknown[] = []
const note = (error: unknown): number => unhandled.push(error)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await app?.close()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const counter: Handler = (req, res) => {
  if (req.url === '/static') return res.end('static')
  if (req.url !== '/read') req.session.set('n', Number(req.session.get('n') ?? 0) + 1)
  res.setHeader('Set-Cookie', 'mine=1')
  res.end(`n=${String(req.session.get('n'))}`)
}

async function start(options: SessionOptions = {}): Promise<Browser> {
  spy = new Spy()
  app = await App.start({ provider: spy.provider, storeTimeout: 0.2, ...options }, counter)
  const browser = app.browser()
  await browser.get('/')
  return browser
}

const down = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

describe('a store that is down', () => {
  it('is an error for who has a session, nothing for who has none, and no log-out when it is back', async () => {
    const browser = await start()
    spy.fail = down
    expect((await browser.get('/')).status).toBe(503)
    expect(app.errors).toEqual([expect.objectContaining({ code: 'SESS_STORE', provider: 'spy' })])
    expect(await app.request('/static')).toMatchObject({ status: 200, body: 'static' })
    spy.fail = () => undefined
    expect((await browser.get('/')).body).toBe('n=2')
  })

  it('at once, as one in this process may be, is an error like any other', async () => {
    class Broken extends MemoryStorage {
      override load(): never {
        throw new SessionError('SESS_CORRUPT', 'a stored session is damaged')
      }
    }
    const provider = defineProvider({ name: 'broken', open: (_, { clock }) => new Broken(10, clock) })
    app = await App.start({ provider }, counter)
    expect((await app.request('/', `MacaronSession=${'A'.repeat(32)}`)).status).toBe(500)
    expect(app.errors).toEqual([expect.objectContaining({ code: 'SESS_CORRUPT' })])
  })

  it('in the commit is an error response without our cookie, never a 200', async () => {
    const browser = await start()
    spy.fail = (command) => (command === 'load' ? undefined : down())
    const events: CookieEvent[] = []
    const listen = (event: unknown): number => events.push(event as CookieEvent)
    diagnostics.subscribe('sess:cookie', listen)
    const fresh = await app.request('/')
    const old = await browser.get('/')
    diagnostics.unsubscribe('sess:cookie', listen)
    for (const answer of [fresh, old]) {
      expect(answer.status).toBe(503)
      expect(answer.body).not.toContain('n=')
      expect(answer.setCookie.filter((cookie) => cookie.startsWith('Macaron'))).toEqual([])
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(events.map(({ reason }) => reason)).toEqual(['store-failed', 'store-failed'])
    spy.fail = () => undefined
    expect((await browser.get('/')).body).toBe('n=2')
  })

  it('when it never answers, is an error within storeTimeout', async () => {
    const browser = await start()
    spy.hangs = true
    for (const path of ['/read', '/']) {
      const begun = Date.now()
      expect((await browser.get(path)).status).toBe(503)
      expect(Date.now() - begun).toBeLessThan(1500)
    }
    const begun = Date.now()
    expect((await app.request('/')).status).toBe(503)
    expect(Date.now() - begun).toBeLessThan(1500)
    spy.hangs = false
    expect((await browser.get('/')).body).toBe('n=2')
  })

  it("with onOutage: 'anonymous' serves who only reads, refuses changes, clears nothing", async () => {
    const browser = await start({ onOutage: 'anonymous' })
    spy.fail = down
    expect(await browser.get('/read')).toMatchObject({ status: 200, body: 'n=undefined', setCookie: ['mine=1'] })
    expect((await browser.get('/')).status).toBe(500)
    expect(app.errors).toEqual([expect.objectContaining({ code: 'SESS_OUTAGE', status: 503 })])
    spy.fail = () => undefined
    expect((await browser.get('/read')).body).toBe('n=1')
  })

  it('when it can not be opened at start, is opened by a later request', async () => {
    spy = new Spy()
    const { provider } = spy
    let isDown = true
    const init = provider.init.bind(provider)
    provider.init = (...args) => (isDown ? Promise.reject(down()) : init(...args))
    app = await App.start({ provider }, counter)
    await expect(app.sessions.ready()).rejects.toMatchObject({ code: 'SESS_STORE' })
    expect((await app.request('/read', `MacaronSession=${'A'.repeat(32)}`)).status).toBe(503)
    expect((await app.request('/static')).status).toBe(200)
    isDown = false
    expect(await app.request('/')).toMatchObject({ status: 200, body: 'n=1' })
  })
})

describe('where Express takes the error', () => {
  it.each([
    ['load', 'load'],
    ['commit', 'save'],
  ])('its error handler answers a failed %s', async (_what, failing) => {
    await start()
    const sessions = sessioner({ provider: spy.provider })
    const site = express()
    site.use(sessions)
    site.get('/', (req, res) => {
      req.session.set('a', Math.random())
      res.redirect('/next')
    })
    site.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status((error as { status?: number }).status ?? 500).send(`page: ${(error as { code?: string }).code}`)
    })
    const server = site.listen(0)
    const port = (server.address() as AddressInfo).port
    const cookie = (await send({ port, agent: false })).setCookie[0]!.split(';')[0]!
    spy.fail = (command) => (command === failing ? down() : undefined)
    const answer = await send({ port, agent: false, headers: { cookie } })
    expect(answer).toMatchObject({ status: 503, body: 'page: SESS_STORE', setCookie: [] })
    expect(answer.headers).not.toHaveProperty('location')
    server.close()
    await sessions.close()
  })

  it('and nobody does, because the middleware was called inside a promise, the visitor still gets an answer', async () => {
    await start()
    const sessions = sessioner({ provider: spy.provider, storeTimeout: 0.2 })
    const site = express()
    site.get('/', async (req, res) => {
      await new Promise<void>((resolve) => sessions(req, res, () => resolve()))
      req.session.set('a', 1)
      res.send('fine')
    })
    const server = site.listen(0)
    spy.fail = down
    const answer = await send({ port: (server.address() as AddressInfo).port, agent: false })
    expect(answer.status).toBe(503)
    server.close()
    await sessions.close()
  })
})

describe('where nobody takes the error', () => {
  it('the middleware answers itself, and the handler does not run', async () => {
    await start()
    const sessions = sessioner({ provider: spy.provider })
    let ran = 0
    const server = http.createServer((req, res) => {
      sessions(req, res, () => {
        ran++
        req.session.set('a', 1)
        res.end('never seen')
      })
    })
    await new Promise<void>((done) => server.listen(0, done))
    const { port } = server.address() as AddressInfo
    spy.fail = down
    const withCookie = { cookie: `MacaronSession=${'A'.repeat(32)}` }
    expect(await send({ port, agent: false, headers: withCookie })).toMatchObject({
      status: 503,
      body: 'Service Unavailable\n',
    })
    expect(ran).toBe(0)
    expect(await send({ port, agent: false })).toMatchObject({ status: 503, body: 'Service Unavailable\n' })
    expect(await send({ port, agent: false, method: 'HEAD' })).toMatchObject({ status: 503, body: '' })
    server.close()
    await sessions.close()
  })
})
