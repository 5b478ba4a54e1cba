/** Another middleware that takes over a response's methods, above the sessions or below. */
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import compression from 'compression'
import express from 'express'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Provider } from '../../src/index.js'
import { memory, sessioner } from '../../src/index.js'
import { Spy } from '../support/spy-provider.js'

const TEXT = 'What is said again and again takes little room. '.repeat(8000)
const close: (() => unknown)[] = []
afterEach(async () => {
  for (const end of close.splice(0)) await end()
})

interface Answer {
  readonly status: number
  readonly encoding: string | undefined
  readonly text: string
}

async function serve(provider: Provider, order: 'above' | 'below'): Promise<(path: string) => Promise<Answer>> {
  const sessions = sessioner({ provider, storeTimeout: 1 })
  const middlewares: RequestHandler[] = [sessions as RequestHandler, compression()]
  const app = express()
  app.set('env', 'test') // says nothing of errors on the console
  app.use(order === 'above' ? middlewares.reverse() : middlewares)
  app.use((req, _res, next) => {
    req.session.set('visits', Math.random())
    next()
  })
  app.get('/send', (_req, res) => void res.type('text').send(TEXT))
  app.get('/pipe', (_req, res) => void Readable.from([TEXT, TEXT]).pipe(res.type('text')))
  app.get('/pipeline', (_req, res) =>
    pipeline(Readable.from([TEXT, TEXT, TEXT]), res.type('text')).catch(() => undefined),
  )
  const server = http.createServer(app)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  close.push(
    () => server.closeAllConnections(),
    () => server.close(),
    () => sessions.close(),
  )
  return (path) => ask((server.address() as AddressInfo).port, path)
}

/** Gives up after two seconds: a response that hangs is what these tests are about. */
async function ask(port: number, path: string): Promise<Answer> {
  const request = http.get({ port, path, agent: false, headers: { 'accept-encoding': 'gzip' }, timeout: 2000 })
  request.on('timeout', () => request.destroy(new Error('no answer')))
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const body = Buffer.concat(await response.toArray())
  const encoding = response.headers['content-encoding']
  return { status: response.statusCode!, encoding, text: String(encoding === 'gzip' ? gunzipSync(body) : body) }
}

const stores: [string, () => Provider][] = [
  ['memory', () => memory()],
  [
    'a store that takes its time',
    () => {
      const spy = new Spy()
      spy.delay = () => 10
      return spy.provider
    },
  ],
]

describe.each(['above', 'below'] as const)('compression %s the sessions', (order) => {
  it.each(stores)('sends all of a response, with %s', async (_name, provider) => {
    const get = await serve(provider(), order)
    expect(await get('/send')).toEqual({ status: 200, encoding: 'gzip', text: TEXT })
    expect(await get('/pipe')).toEqual({ status: 200, encoding: 'gzip', text: TEXT + TEXT })
    expect(await get('/pipeline')).toEqual({ status: 200, encoding: 'gzip', text: TEXT + TEXT + TEXT })
  })

  it.each([0, 20])('lets the error page through when the store fails after %i ms', async (delay) => {
    const spy = new Spy()
    spy.delay = () => delay
    spy.fail = (command) => (command === 'save' ? new Error('down') : undefined)
    const get = await serve(spy.provider, order)
    for (const path of ['/send', '/pipe', '/pipeline']) {
      const { status, text } = await get(path)
      expect([path, status]).toEqual([path, 503])
      expect(text).toContain('SessionError')
    }
  })
})

describe('a stream that goes on after the store has failed', () => {
  it.each(['pipe', 'pipeline'])(
    'by %s, keeps out of an error page that takes its time, and comes to its end',
    async (by) => {
      const spy = new Spy()
      spy.fail = (command) => (command === 'save' ? new Error('down') : undefined)
      const sessions = sessioner({ provider: spy.provider })
      const app = express().use(sessions as RequestHandler)
      let source!: PassThrough
      app.get('/', (req, res) => {
        req.session.set('n', 1)
        source = new PassThrough()
        if (by === 'pipe') source.pipe(res)
        else pipeline(source, res).catch(() => undefined)
        source.write('first')
      })
      const page: ErrorRequestHandler = async (_error, _req, res, _next) => {
        source.end('second')
        await sleep(30)
        res.status(503).send('page')
      }
      const server = http.createServer(app.use(page))
      await once(server.listen(0, '127.0.0.1'), 'listening')
      close.push(
        () => server.close(),
        () => sessions.close(),
      )
      expect(await ask((server.address() as AddressInfo).port, '/')).toMatchObject({ status: 503, text: 'page' })
      await vi.waitFor(() => expect(source.destroyed).toBe(true))
    },
  )
})
