import type { OutgoingHttpHeaders } from 'node:http'
import http from 'node:http'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { App, send, tokenIn, wait } from '../support/server.js'
import type { Handler } from '../support/server.js'
import { Spy } from '../support/spy-provider.js'

let app: App
afterEach(() => app.close())

/** An application whose store takes 30 ms to save, so that a response that doesn't wait is caught. */
async function slowStore(handler: Handler): Promise<Spy> {
  const spy = new Spy()
  spy.delay = (command) => (command === 'save' ? 30 : 0)
  app = await App.start({ provider: spy.provider }, handler)
  return spy
}

const COOKIE = /^MacaronSession=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/

describe('a response that changes the session', () => {
  it('goes out after the store confirmed, headers and body whole', async () => {
    const spy = await slowStore((req, res) => {
      req.session.set('a', 1)
      res.setHeader('X-Mine', 'yes')
      res.end('body')
    })
    const pending = app.request('/')
    await wait(15)
    expect(await spy.records.count()).toBe(0)
    const answer = await pending
    expect(await spy.records.count()).toBe(1)
    expect(answer).toMatchObject({ status: 200, body: 'body', headers: { 'x-mine': 'yes', vary: 'Cookie' } })
    expect(answer.setCookie).toHaveLength(1)
    expect(answer.setCookie[0]).toMatch(COOKIE)
    expect(answer.headers['cache-control']).toBe('private, no-cache="Set-Cookie"')
  })

  it('is seen by the request that follows its redirect at once, 100 times', async () => {
    await slowStore((req, res) => {
      if (req.url !== '/set') return res.end(String(req.session.get('n')))
      req.session.set('n', Number(req.session.get('n') ?? 0) + 1)
      res.writeHead(302, { Location: '/' }).end()
    })
    const browser = app.browser()
    let stale = 0
    for (let round = 1; round <= 100; round++) {
      expect((await browser.get('/set')).status).toBe(302)
      if ((await browser.get('/')).body !== String(round)) stale++
    }
    console.log(`read-your-writes over a redirect: ${stale} of 100 stale`)
    expect(stale).toBe(0)
  })

  it('streams: the first write waits for the commit, later changes are committed at the end', async () => {
    const spy = await slowStore(async (req, res) => {
      if (req.url === '/read') return res.end(JSON.stringify(req.session.entries()))
      req.session.set('first', 1)
      expect(res.write('one,')).toBe(true)
      expect(res.headersSent).toBe(true)
      await wait(60)
      expect(spy.commands).toContain('save')
      req.session.set('later', 2)
      res.write('two,')
      res.end('three')
    })
    const browser = app.browser()
    expect((await browser.get('/')).body).toBe('one,two,three')
    expect((await browser.get('/read')).body).toBe('[["first",1],["later",2]]')
    expect(app.errors).toEqual([])
  })

  it('pipes a large body with back-pressure, byte for byte', async () => {
    const chunk = 'x'.repeat(64 * 1024)
    await slowStore((req, res) => {
      req.session.set('a', 1)
      Readable.from(Array.from({ length: 200 }, () => chunk)).pipe(res)
    })
    const answer = await app.request('/')
    expect(answer.body.length).toBe(200 * chunk.length)
    expect(answer.setCookie).toHaveLength(1)
  })

  it('calls back write and end once each, in order', async () => {
    const calls: string[] = []
    await slowStore((req, res) => {
      req.session.set('a', 1)
      res.write('a', () => calls.push('write'))
      res.write('b', 'utf8', () => calls.push('write 2'))
      res.end('c', () => calls.push('end'))
      expect(res.writableEnded).toBe(true)
    })
    expect((await app.request('/')).body).toBe('abc')
    await wait(20)
    expect(calls).toEqual(['write', 'write 2', 'end'])
  })

  const forms: [string, unknown][] = [
    ['an object', { 'X-A': '1', 'Set-Cookie': ['mine=1', 'mine2=2'], Vary: 'Accept' }],
    ['a flat array', ['X-A', '1', 'Set-Cookie', 'mine=1', 'Set-Cookie', 'mine2=2', 'Vary', 'Accept']],
    [
      'an array of pairs',
      [
        ['X-A', '1'],
        ['Set-Cookie', 'mine=1'],
        ['Set-Cookie', 'mine2=2'],
        ['Vary', 'Accept'],
      ],
    ],
  ]
  it.each(forms)(
    'CVE-2025-7339: keeps what writeHead gets as %s, with and without a message',
    async (_form, headers) => {
      await slowStore((req, res) => {
        req.session.set('a', 1)
        if (req.url === '/message') res.writeHead(201, 'Made', headers as never)
        else res.writeHead(201, headers as never)
        expect(() => res.writeHead(200)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
        res.end('x')
      })
      for (const path of ['/', '/message']) {
        const answer = await app.request(path)
        expect(answer).toMatchObject({ status: 201, headers: { 'x-a': '1', vary: 'Accept, Cookie' } })
        expect(answer.setCookie).toEqual(['mine=1', 'mine2=2', expect.stringMatching(COOKIE)])
      }
      expect(app.errors).toEqual([])
    },
  )

  it.each<[string, unknown[]]>([
    ['null', [201, null]],
    ['a message and null', [201, 'Made', null]],
    ['undefined', [201, undefined]],
    ['a message and undefined', [201, 'Made', undefined]],
  ])('takes %s for no headers, as Node does', async (_form, args) => {
    await slowStore((req, res) => {
      if (req.url === '/set') req.session.set('a', 1)
      res.writeHead(...(args as [number])).end('x')
    })
    for (const path of ['/', '/set']) expect(await app.request(path)).toMatchObject({ status: 201, body: 'x' })
    expect(app.errors).toEqual([])
  })

  it.each<[string, OutgoingHttpHeaders, string]>([
    ['none of ours', { 'X-A': '1', 'Content-Length': 1 }, 'Cookie'],
    ['Vary', { 'X-A': '1', vary: 'Accept' }, 'Accept, Cookie'],
    ['Vary, and Cookie in it', { 'X-A': '1', VARY: 'accept, cookie' }, 'accept, cookie'],
    ['cookies of its own', { 'X-A': '1', 'set-Cookie': ['mine=1'] }, 'Cookie'],
  ])('adds to what writeHead gets when the session was only read: %s', async (_what, headers, vary) => {
    await slowStore((req, res) => {
      req.session.get('a')
      if (req.url === '/before') res.setHeader('X-Before', '1')
      if (req.url === '/message') res.writeHead(201, 'Made', headers)
      else res.writeHead(201, headers)
      res.end('x')
    })
    for (const path of ['/', '/message', '/before']) {
      const answer = await app.request(path)
      expect(answer).toMatchObject({ status: 201, body: 'x', headers: { 'x-a': '1', vary } })
      expect(answer.headers['x-before']).toBe(path === '/before' ? '1' : undefined)
      expect(answer.setCookie).toEqual(headers['set-Cookie'] ?? [])
    }
    expect(app.errors).toEqual([])
  })

  it.each(['read', 'changed'])(
    'throws a wrong header or status in the handler, as without sessions: %s',
    async (use) => {
      await slowStore((req, res) => {
        if (use === 'read') req.session.get('a')
        else req.session.set('a', 1)
        expect(() => res.writeHead(200, { 'X-A': undefined })).toThrow(
          expect.objectContaining({ code: 'ERR_HTTP_INVALID_HEADER_VALUE' }),
        )
        expect(() => res.writeHead(200, { 'bad name': '1' })).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_HTTP_TOKEN' }),
        )
        expect(() => res.writeHead(9)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_STATUS_CODE' }))
        expect(() => res.write(7 as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
        res.end('fine')
      })
      expect(await app.request('/')).toMatchObject({ status: 200, body: 'fine' })
      expect(app.errors).toEqual([])
    },
  )

  it('sends the headers at flushHeaders, after the commit', async () => {
    await slowStore((req, res) => {
      req.session.set('a', 1)
      res.flushHeaders()
      setTimeout(() => res.end('late'), 60)
    })
    const answer = await app.request('/')
    expect(answer.setCookie).toHaveLength(1)
    expect(answer.body).toBe('late')
  })

  it.each(['HEAD', 'GET'])('works for 304 and %s, which have no body', async (method) => {
    await slowStore((req, res) => {
      req.session.set('a', 1)
      res.statusCode = 304
      res.setHeader('ETag', '"1"')
      res.end()
    })
    const answer = await app.request('/', '', { method })
    expect(answer).toMatchObject({ status: 304, body: '', headers: { etag: '"1"' } })
    expect(answer.setCookie).toHaveLength(1)
  })

  it('sends trailers', async () => {
    await slowStore((req, res) => {
      req.session.set('a', 1)
      res.writeHead(200, { Trailer: 'X-Sum' })
      res.write('x')
      res.addTrailers({ 'X-Sum': '1' })
      res.end()
    })
    const trailers = await new Promise((done) => {
      http.get({ port: app.port, agent: false }, (res) => res.resume().on('end', () => done(res.trailers)))
    })
    expect(trailers).toEqual({ 'x-sum': '1' })
  })

  it('is committed where the handler throws', async () => {
    await slowStore((req, res) => {
      if (req.url === '/read') return res.end(JSON.stringify(req.session.entries()))
      req.session.set('before', true)
      throw new Error('handler')
    })
    const browser = app.browser()
    expect((await browser.get('/')).status).toBe(500)
    expect((await browser.get('/read')).body).toBe('[["before",true]]')
  })

  it('is committed although the client hung up, and the server goes on', async () => {
    let begun!: () => void
    let ended!: () => void
    const beginning = new Promise<void>((done) => (begun = done))
    const handled = new Promise<void>((done) => (ended = done))
    const spy = await slowStore(async (req, res) => {
      if (req.url === '/ok') return res.end('ok')
      req.session.set('a', 1)
      begun()
      await once(res, 'close')
      res.write('nobody')
      res.end('hears')
      ended()
    })
    const request = http.get({ port: app.port, agent: false })
    request.on('error', () => undefined)
    await beginning
    request.destroy()
    await handled
    await vi.waitFor(async () => expect(await spy.records.count()).toBe(1))
    expect((await app.request('/ok')).body).toBe('ok')
  })

  it('that never ends holds nobody up', async () => {
    const spy = await slowStore(async (req, res) => {
      if (req.url === '/read') return res.end(String(req.session.get('live')))
      req.session.set('live', 1)
      res.write('event')
      await wait(60)
      req.session.set('live', 2)
      await req.session.release()
    })
    const stream = http.get({ port: app.port, agent: false })
    const [response] = (await once(stream, 'response')) as [http.IncomingMessage]
    response.resume()
    const cookie = response.headers['set-cookie']![0]!.split(';')[0]!
    await vi.waitFor(async () => expect((await app.request('/read', cookie)).body).toBe('2'))
    expect(spy.commands.filter((command) => command === 'save')).toHaveLength(2)
    stream.destroy()
  })

  it('can not begin a session after the headers, and says so', async () => {
    await slowStore((req, res) => {
      res.write('begun')
      expect(() => req.session.set('a', 1)).toThrow(
        expect.objectContaining({
          code: 'SESS_HEADERS_SENT',
          message: "can't start a session: the headers are sent already",
        }),
      )
      res.end()
    })
    expect(await app.request('/')).toMatchObject({ status: 200, setCookie: [] })
    expect(app.errors).toEqual([])
  })

  it('commits what an existing session changes after writeHead, before the response ends', async () => {
    const spy = await slowStore((req, res) => {
      if (req.url === '/create') req.session.set('n', 1)
      else res.writeHead(200, { 'X-Early': '1' })
      req.session.set('n', Number(req.session.get('n')) + 1)
      res.end(String(req.session.get('n')))
    })
    const browser = app.browser()
    await browser.get('/create')
    expect(await browser.get('/')).toMatchObject({ status: 200, body: '3', headers: { 'x-early': '1' } })
    expect(await browser.get('/')).toMatchObject({ status: 200, body: '4' })
    expect(spy.take()).toEqual(['save', 'load', 'save', 'load', 'save'])
  })

  it("keeps the handler's Cache-Control and a Vary that names the cookie already", async () => {
    await slowStore((req, res) => {
      req.session.set('a', 1)
      res.setHeader('Cache-Control', 'no-store')
      res.setHeader('Vary', req.url === '/star' ? '*' : 'Accept-Encoding, cookie')
      res.end()
    })
    expect((await app.request('/')).headers).toMatchObject({
      'cache-control': 'no-store',
      vary: 'Accept-Encoding, cookie',
    })
    expect((await app.request('/star')).headers).toMatchObject({ vary: '*' })
  })
})

describe('a response that changes nothing', () => {
  it('goes through at once: no store command, no cookie, no Vary where the session was not read', async () => {
    const spy = await slowStore((_req, res) => res.end('static'))
    const answer = await app.request('/')
    expect(spy.take()).toEqual([])
    expect(answer.setCookie).toEqual([])
    expect(answer.headers).not.toHaveProperty('vary')
    expect(answer.headers).not.toHaveProperty('cache-control')
  })

  it('CVE-2023-30861: varies by Cookie where the session was read', async () => {
    const spy = await slowStore((req, res) => res.end(String(req.session.get('user'))))
    const answer = await app.request('/')
    expect(answer.body).toBe('undefined')
    expect(answer.headers.vary).toBe('Cookie')
    expect(spy.take()).toEqual([])
  })

  it('runs the handler in the same tick when there is no cookie', async () => {
    const spy = new Spy()
    let isSynchronous = false
    app = await App.start({ provider: spy.provider }, (_req, res) => res.end())
    const req = new http.IncomingMessage(null as never)
    app.sessions(req, new http.ServerResponse(req), () => (isSynchronous = true))
    expect(isSynchronous).toBe(true)
  })

  it('leaves nothing for a session that was begun and emptied', async () => {
    const spy = await slowStore((req, res) => {
      req.session.set('a', 1)
      req.session.delete('a')
      res.end()
    })
    expect((await app.request('/')).setCookie).toEqual([])
    expect(spy.take()).toEqual([])
  })
})

describe('round trips', () => {
  it('reading costs one, writing two, creating one; unchanged nothing is written', async () => {
    const spy = await slowStore((req, res) => {
      if (req.url === '/set') req.session.set('n', Math.random())
      if (req.url === '/same') req.session.set('fixed', req.session.get('fixed'))
      if (req.url === '/create') req.session.set('fixed', [1, 2])
      res.end(String(req.session.get('n')))
    })
    const browser = app.browser()
    const commands = async (path: string): Promise<string[]> => {
      await browser.get(path)
      return spy.take()
    }
    expect(await commands('/create')).toEqual(['save'])
    expect(await commands('/')).toEqual(['load'])
    expect(await commands('/set')).toEqual(['load', 'save'])
    expect(await commands('/same')).toEqual(['load'])
  })

  it('a malformed token costs nothing, a forged one a look-up, with a secret nothing', async () => {
    const spy = await slowStore((req, res) => res.end(String(req.session.isNew)))
    const forged = `MacaronSession=${'A'.repeat(32)}`
    expect((await app.request('/', forged)).body).toBe('true')
    expect(spy.take()).toEqual(['load'])
    await app.close()
    app = await App.start({ provider: spy.provider, secret: 'a secret of some length' }, (req, res) => {
      if (req.url === '/set') req.session.set('a', 1)
      res.end(String(req.session.isNew))
    })
    for (const cookie of [forged, `${forged}.${'A'.repeat(43)}`, `${forged}.`]) await app.request('/', cookie)
    expect(spy.take()).toEqual([])
    const browser = app.browser()
    await browser.get('/set')
    expect((await browser.get('/')).body).toBe('false')
    expect(tokenIn(browser)).toMatch(/^[\w-]{32}\.[\w-]{43}$/)
  })

  it('the expiry is refreshed once in 1/60 of the lifetime', async () => {
    let now = 1_000_000
    const spy = new Spy()
    app = await App.start({ provider: spy.provider, maxLifetime: 600, clock: () => now }, (req, res) => {
      if (req.url === '/create') req.session.set('a', 1)
      res.end(String(req.session.get('a')))
    })
    const browser = app.browser()
    await browser.get('/create')
    spy.take()
    for (let second = 1; second <= 60; second++) {
      now += 1000
      await browser.get('/')
    }
    expect(spy.take().filter((command) => command !== 'load')).toEqual(Array.from({ length: 6 }, () => 'touch'))
    now += 589_000
    expect((await browser.get('/')).body).toBe('1')
    now += 600_000
    expect((await browser.get('/')).body).toBe('undefined')
  })
})

describe('two sessions on one application', () => {
  it('keep to their own cookies, also in one response', async () => {
    const spy = new Spy()
    const { sessioner } = await import('../../src/index.js')
    const admin = sessioner({ provider: spy.provider, cookieName: 'Admin' })
    app = await App.start({}, (req, res) => {
      admin(req, res, () => {
        const own = app.sessions.of(req)!
        const other = admin.of(req)!
        if (req.url === '/set') {
          own.set('who', 'user')
          other.set('who', 'admin')
        }
        res.end(`${String(own.get('who'))} ${String(other.get('who'))}`)
      })
    })
    const browser = app.browser()
    expect((await browser.get('/set')).setCookie.map((cookie) => cookie.split('=')[0])).toEqual([
      'MacaronSession',
      'Admin',
    ])
    expect((await browser.get('/')).body).toBe('user admin')
    await admin.close()
  })
})

describe('createdAt', () => {
  it('is one time for a new session, and stays it', async () => {
    let now = Date.UTC(2026, 0, 1)
    app = await App.start({ clock: () => now++ }, (req, res) => {
      const { createdAt } = req.session
      req.session.set('a', 1)
      res.end(JSON.stringify([createdAt, req.session.createdAt]))
    })
    const browser = app.browser()
    const [first, again] = JSON.parse((await browser.get('/')).body) as string[]
    expect(again).toBe(first)
    expect(JSON.parse((await browser.get('/')).body)).toEqual([first, first])
  })
})

describe('send', () => {
  it('rejects a response that is cut off, so that the tests above mean something', async () => {
    await slowStore((_req, res) => {
      res.writeHead(200, { 'Content-Length': 10 })
      res.write('12345')
      setTimeout(() => res.destroy(), 10)
    })
    await expect(send({ port: app.port, agent: false })).rejects.toThrow()
  })
})
