/** The servers that the documentation shows, run as they stand there. */
import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Manager, RequestWithCookie } from '../src/index.js'
import { examplesOf, importSnippet, runExample } from './support/example.js'
import type { Example } from './support/example.js'
import { App, Browser, send } from './support/server.js'
import type { Site } from './support/server.js'

const running: Example[] = []
afterEach(() => {
  for (const example of running.splice(0)) example.stop()
})

async function start(code: string): Promise<Site & { port: number }> {
  const example = await runExample(code)
  running.push(example)
  const { port } = example
  const request: Site['request'] = (path, cookie = '', init = {}) => {
    const { body, ...rest } = init as typeof init & { body?: string }
    return send({ port, path, agent: false, ...rest, headers: { ...init.headers, ...(cookie && { cookie }) } }, body)
  }
  return { port, request }
}

const servers = ['docs/frameworks.md', 'docs/getting-started.md', 'docs/nestjs.md'].flatMap((page) =>
  examplesOf(page).map((code) => [`${page}, ${/@sess\/core(\/\w+)?/.exec(code)![0]}`, code] as const),
)

describe('each example', () => {
  it.each(servers)('%s counts visits', async (_name, code) => {
    const browser = new Browser(await start(code))
    expect(await browser.get('/')).toMatchObject({ status: 200, body: 'Visit number 1' })
    expect(await browser.get('/')).toMatchObject({ status: 200, body: 'Visit number 2', setCookie: [] })
  })
})

const form = (body: string): object => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
})

it('docs/getting-started.md logs in and out', async () => {
  const browser = new Browser(await start(examplesOf('docs/getting-started.md')[0]!))
  expect((await browser.get('/me')).body).toBe('nobody. ')
  expect((await browser.get('/login', form('name=Ada'))).headers.location).toBe('/me')
  expect((await browser.get('/me')).body).toBe('Ada. Welcome, Ada')
  expect((await browser.get('/me')).body).toBe('Ada. ')
  await browser.get('/logout', form(''))
  expect((await browser.get('/me')).body).toBe('nobody. ')
})

it('docs/flash.md shows a message once', async () => {
  const browser = new Browser(await start(examplesOf('docs/flash.md')[0]!))
  await browser.get('/save', form(''))
  expect((await browser.get('/')).body).toBe('<p>Saved</p>')
  expect((await browser.get('/')).body).toBe('<p></p>')
})

it('docs/passport.md logs in and out', async () => {
  const browser = new Browser(await start(examplesOf('docs/passport.md')[0]!))
  expect((await browser.get('/login', form('username=ada&password=wrong'))).headers.location).toBe('/login')
  expect((await browser.get('/')).body).toBe('Hello, stranger')
  expect((await browser.get('/login', form('username=ada&password=open+sesame'))).headers.location).toBe('/')
  expect((await browser.get('/')).body).toBe('Hello, ada')
  const old = browser.cookie
  expect((await browser.get('/logout', form(''))).headers.location).toBe('/')
  expect((await browser.get('/')).body).toBe('Hello, stranger')
  browser.jar.set('MacaronSession', old.split('=')[1]!)
  expect((await browser.get('/')).body).toBe('Hello, stranger')
})

it('docs/websockets.md knows who opens a socket', async () => {
  const site = await start(examplesOf('docs/websockets.md')[0]!)
  const browser = new Browser(site)
  await browser.get('/')
  const open = (cookie: string): WebSocket => new WebSocket(`ws://localhost:${site.port}`, { headers: { cookie } })
  const known = open(browser.cookie)
  const [message] = (await once(known, 'message')) as [Buffer]
  expect(message.toString()).toBe('Welcome, Ada')
  known.terminate()
  const stranger = open(`MacaronSession=${'A'.repeat(32)}`)
  stranger.on('error', () => undefined)
  const [, response] = (await once(stranger, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(401)
})

it('docs/websockets.md outlives who hangs up at once, and who breaks the protocol', async () => {
  const [example] = examplesOf('docs/websockets.md')
  const site = await start(example!)
  const browser = new Browser(site)
  await browser.get('/')
  const upgrade = (cookie: string): string =>
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: ${cookie}\r\n\r\n`
  for (let round = 0; round < 30; round++) {
    const socket = connect(site.port).on('error', () => undefined)
    await new Promise<unknown>((sent) => socket.write(upgrade(''), sent))
    await sleep(round % 3)
    socket.resetAndDestroy()
  }
  const broken = connect(site.port).on('error', () => undefined)
  broken.write(upgrade(browser.cookie))
  await once(broken, 'data')
  broken.write(Buffer.from([0xff, 0xff]))
  await once(broken, 'close')
  expect((await browser.get('/')).body).toBe('Hello, Ada')
})

it('docs/websockets.md notices with each message who has logged out', async () => {
  type OnMessage = (manager: Manager, req: RequestWithCookie, text: string) => Promise<boolean>
  const onMessage = (await importSnippet('docs/websockets.md', 'onMessage')) as OnMessage
  const app = await App.start({}, async (req, res) => {
    await (req.url === '/logout' ? req.session.destroy() : req.session.set('name', 'Ada'))
    res.end()
  })
  const { manager } = app.sessions
  const browser = app.browser()
  await browser.get('/')
  const upgrade = { headers: { cookie: browser.cookie } }
  expect(await onMessage(manager, upgrade, 'hello')).toBe(true)
  expect((await manager.read(upgrade)).get('lastMessage')).toBe('hello')
  await browser.get('/logout')
  expect(await onMessage(manager, upgrade, 'still there?')).toBe(false)
  expect(await manager.count()).toBe(0)
  await app.close()
})

it('docs/websockets.md ends an event stream when its visitor logs out', async () => {
  const site = await start(examplesOf('docs/websockets.md')[1]!)
  const browser = new Browser(site)
  expect((await browser.get('/events')).status).toBe(401)
  await browser.get('/login', { method: 'POST' })
  const { cookie } = browser
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port: site.port, path: '/events', headers: { cookie }, agent: false }, resolve).on('error', reject)
  })
  const [chunk] = (await once(response.setEncoding('utf8'), 'data')) as [string]
  expect(chunk).toBe('data: still ada\n\n')
  await browser.get('/logout', { method: 'POST' })
  await once(response, 'end')
  expect((await site.request('/events', cookie)).status).toBe(401)
})

it('docs/frameworks.md opens and commits by hand', async () => {
  const action = (await importSnippet('docs/frameworks.md', 'action')) as (request: Request) => Promise<Response>
  const first = await action(new Request('http://localhost/page'))
  expect([first.status, first.headers.get('location')]).toEqual([302, 'http://localhost/'])
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  const second = await action(new Request('http://localhost/page', { headers: { cookie } }))
  expect([second.status, second.headers.getSetCookie()]).toEqual([302, []])
})
