/** Event streams over sockets: what was set before them is committed, and who logs out meanwhile is cut off. */
import http from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sessioner as forExpress } from '../src/adapters/express.js'
import { sessioner as forFastify } from '../src/adapters/fastify.js'
import { withSession } from '../src/adapters/fetch.js'
import { sessioner as forHono } from '../src/adapters/hono.js'
import { sessioner as forKoa } from '../src/adapters/koa.js'
import type { Manager, RequestWithCookie, Session, SessionOptions } from '../src/index.js'
import { send, wait } from './support/server.js'
import { Spy } from './support/spy-provider.js'

/** Its own types need those of a browser. */
const { getRequestListener } = createRequire(import.meta.url)('@hono/node-server') as {
  getRequestListener: (handler: (request: Request, env: object) => Response | Promise<Response>) => http.RequestListener
}

interface Running {
  readonly port: number
  readonly manager: Manager
  close(): Promise<unknown>
}

/** What happens before the stream; any path but `/events` logs in or out. */
async function begin(path: string, session: Session): Promise<void> {
  if (path === '/logout') return session.destroy()
  session.set(path === '/login' ? 'user' : 'watches', 'Ada')
}

/** Ticks for as long as the session lives. */
async function* ticks(manager: Manager, request: RequestWithCookie): AsyncGenerator<string> {
  while (true) {
    const session = await manager.read(request)
    if (session.isNew) return // logged out meanwhile
    yield `for ${String(session.get('user'))}`
    await wait(5)
  }
}

async function* framed(events: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const event of events) yield encoder.encode(`data: ${event}\n\n`)
}

const EVENTS = { 'Content-Type': 'text/event-stream' }

async function listen(listener: http.RequestListener, manager: Manager): Promise<Running> {
  const server = http.createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await manager.close()
    await new Promise((done) => server.close(done))
  }
  return { port: (server.address() as AddressInfo).port, manager, close }
}

function onExpress(options: SessionOptions): Promise<Running> {
  const sessions = forExpress(options)
  const app = express().use(sessions)
  app.use(async (req, res) => {
    await begin(req.path, req.session)
    if (req.path !== '/events') return void res.end()
    res.writeHead(200, EVENTS)
    await pipeline(framed(ticks(sessions.manager, req)), res).catch(() => undefined) // hung up
  })
  return listen(app, sessions.manager)
}

function onKoa(options: SessionOptions): Promise<Running> {
  const sessions = forKoa(options)
  const app = new Koa().use(sessions)
  app.silent = true // of visitors that hang up
  app.use(async (ctx) => {
    await begin(ctx.path, ctx.session)
    ctx.set(EVENTS)
    ctx.body = ctx.path === '/events' ? Readable.from(framed(ticks(sessions.manager, ctx.req))) : ''
  })
  return listen(app.callback() as http.RequestListener, sessions.manager)
}

async function onFastify(options: SessionOptions): Promise<Running> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(forFastify, options)
  app.get('/*', async (request, reply) => {
    await begin(request.url, request.session)
    if (request.url !== '/events') return ''
    return reply.headers(EVENTS).send(Readable.from(framed(ticks(app.sessions, request.raw))))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, manager: app.sessions, close: () => app.close() }
}

function onHono(options: SessionOptions, isOnNode: boolean): Promise<Running> {
  const sessions = forHono(options)
  const app = new Hono()
  app.use(sessions)
  app.get('*', async (c) => {
    await begin(c.req.path, c.var.session)
    if (c.req.path !== '/events') return c.body(null)
    return streamSSE(c, async (stream) => {
      for await (const data of ticks(sessions.manager, c.req.raw)) {
        if (stream.aborted) return
        await stream.writeSSE({ data })
      }
    })
  })
  return listen(
    getRequestListener((request, env) => app.fetch(request, isOnNode ? env : {})),
    sessions.manager,
  )
}

function onFetch(options: SessionOptions): Promise<Running> {
  const handler = withSession(async (request, { session }): Promise<Response> => {
    const { pathname } = new URL(request.url)
    await begin(pathname, session)
    if (pathname !== '/events') return new Response()
    const body = Readable.toWeb(Readable.from(framed(ticks(handler.manager, request)))) as ReadableStream
    return new Response(body, { headers: EVENTS })
  }, options)
  return listen(
    getRequestListener((request) => handler(request)),
    handler.manager,
  )
}

const subjects: [string, (options: SessionOptions) => Promise<Running>][] = [
  ['Express', onExpress],
  ['Koa', onKoa],
  ['Fastify', onFastify],
  ['Hono', (options) => onHono(options, true)],
  ['Hono as off Node', (options) => onHono(options, false)],
  ['fetch', onFetch],
]

describe.each(subjects)('an event stream on %s', (_name, start) => {
  let running: Running
  let spy: Spy
  let cookie: string

  beforeEach(async () => {
    spy = new Spy()
    running = await start({ provider: spy.provider })
    const { setCookie } = await send({ port: running.port, path: '/login', agent: false })
    cookie = setCookie[0]!.split(';')[0]!
  })
  afterEach(() => running.close())

  async function watch(): Promise<{ response: http.IncomingMessage; received: () => string }> {
    const { port } = running
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get({ port, path: '/events', headers: { cookie }, agent: false }, resolve).on('error', reject)
    })
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    return { response, received: () => text }
  }

  it('is committed before its first byte, goes on, and ends when another request logs out', async () => {
    spy.delay = (command) => (command === 'save' ? 30 : 0)
    const { response, received } = await watch()
    expect((await running.manager.read({ headers: { cookie } })).get('watches')).toBe('Ada')
    expect(response.headers['content-type']).toMatch('text/event-stream')
    await vi.waitFor(() => expect(received()).toMatch(/^(data: for Ada\n\n){3,}$/), { interval: 5 })
    expect(response.complete).toBe(false)
    const ended = new Promise((resolve) => response.once('end', resolve))
    await send({ port: running.port, path: '/logout', agent: false, headers: { cookie } })
    await ended
    expect(response.complete).toBe(true)
    expect(await running.manager.count()).toBe(0)
  })

  it('asks the store no more when the visitor hung up', async () => {
    const { response, received } = await watch()
    await vi.waitFor(() => expect(received()).not.toBe(''), { interval: 5 })
    response.destroy()
    await vi.waitFor(
      async () => {
        spy.take()
        await wait(50)
        expect(spy.take()).toEqual([])
      },
      { interval: 5 },
    )
  })
})
