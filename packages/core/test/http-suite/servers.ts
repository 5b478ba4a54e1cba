/** Each server with its adapter, as an application would write it. */
import http from 'node:http'
import http2 from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fastifyCookie from '@fastify/cookie'
import express5 from 'express'
import fastify from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Hono } from 'hono'
import Koa3 from 'koa'
import { sessioner as fastifySessions } from '../../src/adapters/fastify.js'
import { SessionError, sessioner as fetchSessions, withSession } from '../../src/adapters/fetch.js'
import type { GetConnInfo } from '../../src/adapters/hono.js'
import { sessioner as honoSessions } from '../../src/adapters/hono.js'
import { sessioner as koaSessions } from '../../src/adapters/koa.js'
import type { Flash, Manager, SessionOptions } from '../../src/index.js'
import { sessioner } from '../../src/index.js'
import type { Reply, Visit } from './pages.js'
import { pages } from './pages.js'

const require = createRequire(import.meta.url)
const express4 = require('express4') as typeof express5
const connect = require('connect') as () => { use(fn: unknown): unknown } & http.RequestListener
const Koa2 = require('koa2') as typeof Koa3
/** Its own types need those of a browser. */
const { getRequestListener } = require('@hono/node-server') as {
  getRequestListener: (handler: FetchHandler) => http.RequestListener
}

type FetchHandler = (request: Request, env: HttpBindings) => Response | Promise<Response>

interface HttpBindings {
  readonly incoming: http.IncomingMessage
  readonly outgoing: http.ServerResponse
}

export interface Running {
  readonly port: number
  readonly manager: Manager
  close(): Promise<void>
}

export interface Subject {
  readonly name: string
  readonly version: 1 | 2
  readonly start: (options: SessionOptions) => Promise<Running>
}

async function replyOf(url: string, visit: Visit): Promise<Reply> {
  const { pathname, search } = new URL(url, 'http://localhost')
  return pages[pathname]!(visit, search.slice(1))
}

const viewOf = (res: unknown): Flash | undefined => (res as { locals?: { Flash?: Flash } }).locals?.Flash

function answer(req: http.IncomingMessage, res: http.ServerResponse, next: (error: unknown) => void): void {
  replyOf(req.url!, { session: req.session, flash: req.flash, view: viewOf(res) }).then((reply) => {
    res.statusCode = reply.status ?? 200
    for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
    if (reply.cookies) res.setHeader('Set-Cookie', reply.cookies)
    if (typeof reply.body === 'string') res.end(reply.body)
    else Readable.from(reply.body).pipe(res)
  }, next)
}

/** As somebody without a framework would do it. */
function plain(options: SessionOptions): [http.RequestListener, Manager] {
  const sessions = sessioner(options)
  const listener: http.RequestListener = (req, res) => {
    sessions(req, res, () => {
      answer(req, res, (error) => {
        res.statusCode = (error as { status?: number }).status ?? 500
        res.end()
      })
    })
  }
  return [listener, sessions.manager]
}

function withExpress(express: typeof express5, options: SessionOptions): [http.RequestListener, Manager] {
  const sessions = sessioner(options)
  return [express().use(sessions).use(answer), sessions.manager]
}

function withConnect(options: SessionOptions): [http.RequestListener, Manager] {
  const sessions = sessioner(options)
  const app = connect()
  app.use(sessions)
  app.use(answer)
  return [app, sessions.manager]
}

function withKoa(Koa: typeof Koa3, options: SessionOptions): [http.RequestListener, Manager] {
  const sessions = koaSessions(options)
  const app = new Koa()
  app.silent = true
  app.use(sessions)
  app.use(async (ctx) => {
    const view = (ctx.state as { Flash: Flash }).Flash
    const reply = await replyOf(ctx.url, { session: ctx.session, flash: ctx.flash, view })
    ctx.status = reply.status ?? 200
    ctx.set(reply.headers ?? {})
    if (reply.cookies) ctx.set('Set-Cookie', reply.cookies)
    ctx.body = typeof reply.body === 'string' ? reply.body : Readable.from(reply.body)
  })
  return [app.callback() as http.RequestListener, sessions.manager]
}

async function startFastify(options: SessionOptions, version: 1 | 2): Promise<Running> {
  const app = version === 1 ? fastify() : (fastify({ http2: true }) as never as ReturnType<typeof fastify>)
  await app.register(fastifyCookie)
  await app.register(fastifySessions, options)
  app.all('*', async (request: FastifyRequest, reply: FastifyReply) => {
    const {
      status = 200,
      headers,
      cookies,
      body,
    } = await replyOf(request.url, { ...visitOf(request), view: viewOf(reply) })
    void reply.status(status).headers(headers ?? {})
    for (const cookie of cookies ?? []) void reply.setCookie(cookie.split('=')[0]!, cookie[cookie.indexOf('=') + 1]!)
    return reply.send(typeof body === 'string' ? body : Readable.from(body))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, manager: app.sessions, close: () => app.close() }
}

const visitOf = ({ session, flash }: Visit): Visit => ({ session, flash })

function withHono(options: SessionOptions, isOnNode: boolean): [http.RequestListener, Manager] {
  const sessions = isOnNode ? honoSessions(options) : honoSessions(options, connInfoOfDeno)
  const app = new Hono()
  app.use(sessions)
  app.all('*', async (c) => {
    const reply = await replyOf(c.req.url, c.var)
    for (const cookie of reply.cookies ?? []) c.header('Set-Cookie', cookie, { append: true })
    return c.body(bodyOf(reply), (reply.status ?? 200) as 200, reply.headers)
  })
  // Without the bindings, Hono knows no more of the server than in other runtimes.
  return [getRequestListener((request, env) => app.fetch(request, isOnNode ? env : denoEnv(env))), sessions.manager]
}

/** What Deno passes with a request, and `getConnInfo` of hono/deno, which loads in Deno only. */
const denoEnv = ({ incoming }: HttpBindings): object => ({ remoteAddr: { hostname: incoming.socket.remoteAddress } })
const connInfoOfDeno: GetConnInfo = ({ env }) => {
  const { remoteAddr } = env as { remoteAddr: { hostname: string } }
  return { remote: { address: remoteAddr.hostname } }
}

function bodyOf({ body }: Reply): string | ReadableStream<Uint8Array> {
  if (typeof body === 'string') return body
  const iterator = body[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}

function responseOf(reply: Reply): Response {
  const headers = new Headers(reply.headers)
  for (const cookie of reply.cookies ?? []) headers.append('Set-Cookie', cookie)
  return new Response(bodyOf(reply), { status: reply.status ?? 200, headers })
}

function withFetch(options: SessionOptions): [http.RequestListener, Manager] {
  const handler = withSession(
    async (request, visit, _env: HttpBindings) => responseOf(await replyOf(request.url, visit)),
    options,
    (_request, { incoming }) => ({ remoteAddress: incoming.socket.remoteAddress }),
  )
  return [getRequestListener((request, env) => handler(request, env)), handler.manager]
}

/** `open` and `commit` by hand. */
function withFetchByHand(options: SessionOptions): [http.RequestListener, Manager] {
  const sessions = fetchSessions(options)
  const errorPage = (error: unknown): Response =>
    error instanceof SessionError ? error.getResponse() : new Response(null, { status: 500 })
  const handle = async (request: Request, env: HttpBindings): Promise<Response> => {
    const { remoteAddress } = env.incoming.socket
    const { session, flash, commit, withCookie } = await sessions.open(request, { remoteAddress })
    const response = await replyOf(request.url, { session, flash }).then(responseOf, errorPage)
    return commit(response).catch((error: unknown) => withCookie(errorPage(error)))
  }
  return [getRequestListener((request, env) => handle(request, env).catch(errorPage)), sessions.manager]
}

async function listen([listener, manager]: [http.RequestListener, Manager], version: 1 | 2 = 1): Promise<Running> {
  const server = version === 1 ? http.createServer(listener) : http2.createServer(listener as never)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = async (): Promise<void> => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await manager.close()
  }
  return { port: (server.address() as AddressInfo).port, manager, close }
}

export const subjects: Subject[] = [
  { name: 'node:http', version: 1, start: (options) => listen(plain(options)) },
  { name: 'node:http2', version: 2, start: (options) => listen(plain(options), 2) },
  { name: 'Express 4', version: 1, start: (options) => listen(withExpress(express4, options)) },
  { name: 'Express 5', version: 1, start: (options) => listen(withExpress(express5, options)) },
  { name: 'Connect', version: 1, start: (options) => listen(withConnect(options)) },
  { name: 'Connect over HTTP/2', version: 2, start: (options) => listen(withConnect(options), 2) },
  { name: 'Koa 2', version: 1, start: (options) => listen(withKoa(Koa2, options)) },
  { name: 'Koa 3', version: 1, start: (options) => listen(withKoa(Koa3, options)) },
  { name: 'Koa 3 over HTTP/2', version: 2, start: (options) => listen(withKoa(Koa3, options), 2) },
  { name: 'Fastify 5', version: 1, start: (options) => startFastify(options, 1) },
  { name: 'Fastify 5 over HTTP/2', version: 2, start: (options) => startFastify(options, 2) },
  { name: 'Hono 4', version: 1, start: (options) => listen(withHono(options, true)) },
  { name: 'Hono 4 over HTTP/2', version: 2, start: (options) => listen(withHono(options, true), 2) },
  { name: 'Hono 4 as off Node', version: 1, start: (options) => listen(withHono(options, false)) },
  { name: 'fetch, withSession', version: 1, start: (options) => listen(withFetch(options)) },
  { name: 'fetch, open and commit', version: 1, start: (options) => listen(withFetchByHand(options)) },
]
