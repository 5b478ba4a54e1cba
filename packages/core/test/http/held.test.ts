/** What handlers do while their response waits for the store, and after its head. */
import http from 'node:http'
import net from 'node:net'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionOptions } from '../../src/index.js'
import { sessioner } from '../../src/index.js'
import { App, wait } from '../support/server.js'
import type { Browser, Handler } from '../support/server.js'
import { Spy } from '../support/spy-provider.js'

const down = (command: string): Error | undefined => (command === 'save' ? new Error('down') : undefined)
const fine = (): undefined => undefined

let app: App
let spy: Spy
const uncaught: unknown[] = []
const note = (error: unknown): number => uncaught.push(error)

beforeEach(() => {
  uncaught.length = 0
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})

afterEach(async () => {
  await app.close()
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  expect(uncaught).toEqual([])
})

/** A visitor with `n: 1` in a store that takes 20 ms to save, of an application with one handler more than these. */
async function visitor(handler: Handler, options: SessionOptions = {}): Promise<Browser> {
  spy = new Spy()
  spy.delay = (command) => (command === 'save' ? 20 : 0)
  app = await App.start({ provider: spy.provider, storeTimeout: 1, ...options }, (req, res) => {
    if (req.url === '/begin') req.session.set('n', 1)
    else if (req.url !== '/dump') return handler(req, res)
    res.end(JSON.stringify(req.session.entries()))
  })
  const browser = app.browser()
  await browser.get('/begin')
  return browser
}

const dump = async (browser: Browser): Promise<unknown> => JSON.parse((await browser.get('/dump')).body)
/** How an answer came: its status, or that it was cut off. */
const outcome = (browser: Browser): Promise<unknown> =>
  browser.get('/').then(
    ({ status }) => status,
    () => 'cut off',
  )

describe('what a handler changes while its response waits', () => {
  const ways: [string, (res: http.ServerResponse) => unknown][] = [
    ['write', (res) => res.write('')],
    ['writeHead', (res) => res.writeHead(200)],
    ['flushHeaders', (res) => res.flushHeaders()],
  ]
  it.each(ways)('is committed too, after %s', async (_name, begin) => {
    const browser = await visitor(async (req, res) => {
      req.session.set('first', 1)
      begin(res)
      req.session.set('second', 2)
      await sleep(5)
      req.session.set('third', 3)
      res.end('done')
    })
    expect((await browser.get('/')).body).toBe('done')
    expect(await dump(browser)).toEqual([
      ['n', 1],
      ['first', 1],
      ['second', 2],
      ['third', 3],
    ])
  })

  it('is committed too where a session begins: in its turn all of it, and what is set until the store has confirmed', async () => {
    await visitor(async (req, res) => {
      const user = { name: 'Ada', roles: ['author'] }
      req.session.set('user', user)
      res.end('done')
      user.roles.push('editor')
      req.session.set('second', 2)
      await sleep(10)
      req.session.set('third', 3)
    })
    const fresh = app.browser()
    expect((await fresh.get('/')).setCookie).toHaveLength(1)
    expect(await dump(fresh)).toEqual([
      ['user', { name: 'Ada', roles: ['author', 'editor'] }],
      ['second', 2],
      ['third', 3],
    ])
  })

  it('is committed too where a session begins in a response that goes on, also in an object that it has', async () => {
    await visitor(async (req, res) => {
      const user = { name: 'Ada', roles: ['author'] }
      req.session.set('user', user)
      res.write('do')
      await sleep(10)
      user.roles.push('editor')
      await sleep(30)
      user.roles.push('admin')
      res.end('ne')
    })
    const fresh = app.browser()
    expect((await fresh.get('/')).body).toBe('done')
    expect(await dump(fresh)).toEqual([['user', { name: 'Ada', roles: ['author', 'editor', 'admin'] }]])
  })

  it('is an error where the session begins, an update was not waited for, and it failed at once', async () => {
    await visitor((req, res) => {
      void req.session.update('n', () => 1).catch(() => undefined)
      res.end('counted')
    })
    spy.delay = () => 0
    const failures = [down]
    spy.fail = (command) => (command === 'save' ? failures.pop()?.(command) : undefined)
    expect((await app.browser().get('/')).status).toBe(503)
  })

  it('may begin a session, as long as nothing has left', async () => {
    await visitor(async (req, res) => {
      res.writeHead(200, { 'X-A': '1' })
      req.session.set('a', 1)
      res.end('done')
    })
    const fresh = app.browser()
    expect((await fresh.get('/')).setCookie).toHaveLength(1)
    expect(await dump(fresh)).toEqual([['a', 1]])
  })

  it.each(['write', 'end'] as const)(
    'again and again, is saved at the latest when the response is over, after %s',
    async (first) => {
      let n = 0
      const browser = await visitor((req, res) => {
        const timer = setInterval(() => req.session.set('n', ++n), 1)
        res.once('close', () => clearInterval(timer))
        req.session.set('n', 0)
        if (first === 'write') res.write('do')
        res.end('ne')
      })
      await browser.get('/')
      await vi.waitFor(async () => expect(await dump(browser)).toEqual([['n', n]]))
    },
  )

  it('can not be the head any more, as if it had left', async () => {
    const browser = await visitor((req, res) => {
      req.session.set('a', 1)
      res.setHeader('Content-Length', 5)
      res.end('hello')
      expect([res.headersSent, res.writableEnded]).toEqual([true, true])
      for (const change of [
        () => res.setHeader('Content-Length', 1),
        () => res.appendHeader('X-A', '1'),
        () => res.removeHeader('Content-Length'),
        () => res.writeHead(500),
      ]) {
        expect(change).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
      }
      res.statusCode = 500
      res.statusMessage = 'Late'
      res.end()
    })
    expect(await browser.get('/')).toMatchObject({ status: 200, body: 'hello' })
    expect(app.errors).toEqual([])
  })

  it.each<[string, (res: http.ServerResponse) => unknown]>([
    ['a message that can not be one', (res) => (res.statusMessage = 'Zo\u2603')],
    ['a status that can not be one', (res) => (res.statusCode = 1000)],
    ['trailers beside a length', (res) => res.setHeader('Trailer', 'X').setHeader('Content-Length', 1)],
  ])('is an error page where Node refuses it: %s', async (_name, spoil) => {
    const browser = await visitor((req, res) => {
      req.session.set('a', 1)
      spoil(res)
      res.end('x')
    })
    expect(await browser.get('/')).toMatchObject({ status: 500, body: 'Internal Server Error\n' })
  })

  it('asks for a pause when much is kept, and says when it is over', async () => {
    const browser = await visitor(async (req, res) => {
      req.session.set('a', 1)
      const chunk = 'x'.repeat(40 * 1024)
      expect(Array.from({ length: 5 }, () => res.write(chunk))).toEqual([true, true, true, false, false])
      await once(res, 'drain')
      res.end()
    })
    expect((await browser.get('/')).body).toHaveLength(5 * 40 * 1024)
  })
})

describe('a response whose session can not be committed', () => {
  it('calls back what it was to send with the error, and takes nothing more', async () => {
    const errors: unknown[] = []
    const browser = await visitor(async (req, res) => {
      req.session.set('a', 1)
      res.write('a', (error) => errors.push((error as { code?: string }).code))
      await new Promise((done) =>
        res.end('b', (error?: unknown) => done(errors.push((error as { code: string }).code))),
      )
    })
    spy.fail = down
    expect(await browser.get('/')).toMatchObject({ status: 503, body: 'Service Unavailable\n' })
    await vi.waitFor(() => expect(errors).toEqual(['SESS_STORE', 'SESS_STORE']))
  })

  it('is an error page, of which nobody hears who goes on while it waits for the response before it', async () => {
    let goneOn = (): void => undefined
    const slow = new Promise<void>((done) => (goneOn = done))
    const browser = await visitor(async (req, res) => {
      if (req.url === '/slow') return slow.then(() => res.end('slow'))
      spy.fail = down
      req.session.set('a', 1)
      res.write('one')
      await vi.waitFor(() => expect(res.writableEnded).toBe(true))
      const errors: unknown[] = []
      res.write('two', (error) => errors.push(error))
      res.end('three', () => undefined)
      await vi.waitFor(() => expect(errors).toEqual([expect.objectContaining({ code: 'SESS_STORE' })]))
      goneOn()
    })
    const socket = net.connect(app.port, '127.0.0.1').setEncoding('utf8')
    for (const path of ['/slow', '/'])
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${browser.cookie}\r\n\r\n`)
    let received = ''
    socket.on('data', (text: string) => (received += text))
    await vi.waitFor(() => expect(received).toMatch(/200 OK.*slowHTTP\/1\.1 503 .*Service Unavailable\n$/s))
    socket.destroy()
  })

  it('is an error page also where the head was written before the change', async () => {
    const browser = await visitor((req, res) => {
      res.writeHead(200, { 'Content-Length': 5 })
      req.session.set('n', 7)
      res.write('hello')
      res.end()
    })
    spy.fail = down
    expect(await outcome(browser)).toBe(503)
  })

  it('is cut off in a stream, also when it is ended twice', async () => {
    let isEnded: boolean | undefined
    const browser = await visitor((req, res) => {
      res.write('a')
      req.session.set('n', Math.random())
      res.end('last')
      isEnded = res.writableEnded
      res.end()
    })
    expect((await browser.get('/')).body).toBe('alast')
    expect(isEnded).toBe(true)
    spy.fail = down
    expect(await outcome(browser)).toBe('cut off')
  })

  it('is never complete where the visitor knows its length', async () => {
    const browser = await visitor((req, res) => {
      res.setHeader('Content-Length', 5)
      Readable.from(
        (async function* parts() {
          yield 'hel'
          await sleep(5)
          req.session.set('n', Math.random())
          yield 'lo'
        })(),
      ).pipe(res)
    })
    expect((await browser.get('/')).body).toBe('hello')
    spy.fail = down
    expect(await outcome(browser)).toBe('cut off')
  })
})

describe('what a handler asks of the store and does not wait for', () => {
  const asks: [string, Handler][] = [
    ['release', (req) => req.session.release()],
    ['save with a callback', (req) => req.session.save(() => undefined)],
    ['update', (req) => void req.session.update<number>('n', (n = 0) => n + 1).catch(() => undefined)],
  ]
  it.each(asks)('goes before the response: %s', async (_name, ask) => {
    const browser = await visitor((req, res) => {
      req.session.set('m', Math.random())
      void ask(req, res)
      res.writeHead(302, { Location: '/dump' }).end()
    })
    const before = await dump(browser)
    expect((await browser.get('/')).status).toBe(302)
    expect(await dump(browser)).not.toEqual(before)
    spy.fail = down
    expect(await outcome(browser)).toBe(503)
    spy.fail = fine
    expect(await outcome(browser)).toBe(302)
  })

  it('takes the cookie away where the session was destroyed', async () => {
    const browser = await visitor((req, res) => {
      req.session.destroy(() => undefined)
      res.end('bye')
    })
    expect((await browser.get('/')).setCookie[0]).toMatch(/^MacaronSession=; .*Max-Age=0/)
    expect(await spy.records.count()).toBe(0)
  })
})

describe('the head', () => {
  it('varies where the session is read after it was written', async () => {
    await visitor((req, res) => {
      res.writeHead(200, { 'Cache-Control': 'public, max-age=60' })
      res.end(String(req.session.get('n')))
    })
    expect((await app.request('/')).headers.vary).toBe('Cookie')
  })

  it('varies where it is flushed, since nobody knows what follows', async () => {
    await visitor((req, res) => {
      res.flushHeaders()
      res.end(String(req.session.get('n')))
    })
    expect((await app.request('/')).headers.vary).toBe('Cookie')
  })

  it('varies where only the id was read', async () => {
    const browser = await visitor((req, res) => res.end(req.session.id))
    expect((await browser.get('/')).headers.vary).toBe('Cookie')
  })

  it('has nothing of ours where writeHead was called and no session was looked at', async () => {
    const browser = await visitor((_req, res) => res.writeHead(200, { 'X-A': '1' }).end('static'))
    const { headers } = await browser.get('/')
    expect(headers['x-a']).toBe('1')
    expect(headers).not.toHaveProperty('vary')
  })
})

describe('a visitor who hangs up', () => {
  it('in a stream: what it had changed is kept', async () => {
    const browser = await visitor(async (req, res) => {
      res.write('one')
      await once(res, 'close')
      req.session.set('late', 1)
    })
    const stream = http.get({ port: app.port, agent: false, headers: { cookie: browser.cookie } })
    stream.on('error', () => undefined)
    const [response] = (await once(stream, 'response')) as [http.IncomingMessage]
    response.once('data', () => stream.destroy()).on('error', () => undefined)
    await vi.waitFor(async () =>
      expect(await dump(browser)).toEqual([
        ['n', 1],
        ['late', 1],
      ]),
    )
  })

  it('while its first byte waits: what the handler had changed during each commit is kept', async () => {
    let change = (_n: number): void => undefined
    const browser = await visitor((req, res) => {
      change = (n) => req.session.set('n', n)
      change(2)
      res.writeHead(200).write('one')
    })
    let saves = 0
    const stream = http.get({ port: app.port, agent: false, headers: { cookie: browser.cookie } })
    stream.on('error', () => undefined)
    spy.delay = (command) => {
      if (command !== 'save') return 0
      stream.destroy()
      if (++saves <= 3) change(2 + saves)
      return 20
    }
    await vi.waitFor(async () => expect(await dump(browser)).toEqual([['n', 5]]))
  })
})

describe('the same sessions used twice on one request', () => {
  it('are one session, one cookie and one load', async () => {
    const browser = await visitor((req, res) => {
      req.session.set('a', 1)
      app.sessions(req, res, () => {
        req.session.set('b', 1)
        res.end(JSON.stringify(req.session.entries()))
      })
    })
    const fresh = app.browser()
    expect((await fresh.get('/')).setCookie).toHaveLength(1)
    expect(await dump(fresh)).toEqual([
      ['a', 1],
      ['b', 1],
    ])
    spy.take()
    await browser.get('/')
    expect(spy.take().filter((command) => command === 'load')).toHaveLength(1)
  })
})

describe("onOutage: 'anonymous'", () => {
  it('refuses to remove what it can not see', async () => {
    const browser = await visitor(
      (req, res) => {
        expect(() => req.session.delete('n')).toThrow(expect.objectContaining({ code: 'SESS_OUTAGE' }))
        expect(() => req.session.flush()).toThrow(expect.objectContaining({ code: 'SESS_OUTAGE' }))
        res.end('served')
      },
      { onOutage: 'anonymous' },
    )
    spy.fail = () => new Error('down')
    expect(await browser.get('/')).toMatchObject({ status: 200, body: 'served' })
    spy.fail = fine
    expect(await dump(browser)).toEqual([['n', 1]])
  })
})

describe('a session whose values can not be decrypted any more', () => {
  it('is an error where it is looked at, and hinders no other page', async () => {
    const key = (n: number): Uint8Array => new Uint8Array(32).fill(n)
    const browser = await visitor(
      async (req, res) => {
        if (req.url === '/log-in') await req.session.login('ada')
        res.end(req.url === '/static' ? 'static' : String(req.session.get('n')))
      },
      { encryptionKey: key(1) },
    )
    await browser.get('/log-in')
    const sessions = sessioner({ provider: spy.provider, encryptionKey: key(2) })
    const server = http.createServer((req, res) =>
      sessions(req, res, () => {
        try {
          res.end(req.url === '/static' ? 'static' : String(req.session.get('n')))
        } catch (error) {
          res.end((error as { code: string }).code)
        }
      }),
    )
    await once(server.listen(0), 'listening')
    const { port } = server.address() as { port: number }
    const bodies = []
    for (const path of ['/static', '/']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie: browser.cookie } })
      bodies.push(await answer.text())
    }
    server.close()
    await sessions.close()
    await wait(5)
    expect(bodies).toEqual(['static', 'SESS_CORRUPT'])
  })
})
