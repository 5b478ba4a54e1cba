/** What is particular to one framework; what is common to all is in http-suite. */
import fastifyCookie from '@fastify/cookie'
import express5 from 'express'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sessioner as express } from '../src/adapters/express.js'
import { sessioner as forFastify } from '../src/adapters/fastify.js'
import { SessionError, sessioner as forFetch, withSession } from '../src/adapters/fetch.js'
import { sessioner as forHono } from '../src/adapters/hono.js'
import { sessioner as forKoa } from '../src/adapters/koa.js'
import { send } from './support/server.js'
import { Spy } from './support/spy-provider.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const down = (command: string): Error | undefined => (command === 'save' ? new Error('ECONNREFUSED') : undefined)
function broken(): Spy {
  const spy = new Spy()
  spy.fail = down
  return spy
}

describe('every entry alone', () => {
  it('knows the default provider', async () => {
    for (const make of [express, forKoa, forHono, forFetch]) await make().close()
  })
})

describe('Express', () => {
  it('sends a file with the cookie to nobody else, unless the handler chose so (CVE-2023-30861)', async () => {
    const sessions = express()
    const app = express5().use(sessions)
    app.use((req, res) => {
      req.session.set('a', 1)
      res.sendFile(import.meta.filename, req.path === '/' ? {} : { maxAge: 60_000 })
    })
    const server = app.listen(0)
    closing.push(() => server.close(), sessions.close)
    const { port } = server.address() as AddressInfo
    const first = await send({ port, agent: false })
    expect(first).toMatchObject({ setCookie: [expect.any(String)], headers: { vary: 'Cookie' } })
    expect(first.headers['cache-control']).toBe('private, no-cache="Set-Cookie", max-age=0')
    const headers = { cookie: first.setCookie[0]!.split(';')[0]! }
    expect((await send({ port, agent: false, headers })).headers['cache-control']).toBe('public, max-age=0')
    expect((await send({ port, agent: false, path: '/kept' })).headers['cache-control']).toBe('public, max-age=60')
  })
})

describe('Koa', () => {
  it('throws what the store throws to the middlewares above, whose page is sent', async () => {
    const sessions = forKoa({ provider: broken().provider })
    const app = new Koa()
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = 503
        ctx.body = `page: ${(error as { code: string }).code}`
      }
    })
    app.use(sessions)
    app.use((ctx) => {
      ctx.session.set('a', 1)
      ctx.body = 'fine'
    })
    const server = app.listen(0)
    closing.push(() => server.close(), sessions.close)
    const { port } = server.address() as AddressInfo
    expect(await send({ port, agent: false })).toMatchObject({ status: 503, body: 'page: SESS_STORE', setCookie: [] })
  })

  it('commits what a middleware above changes on the way out, and what is written past Koa', async () => {
    const sessions = forKoa()
    const app = new Koa()
    app.use(async (ctx, next) => {
      await next()
      if (ctx.path === '/') ctx.session.set('late', 1)
    })
    app.use(sessions)
    app.use((ctx) => {
      if (ctx.path === '/') {
        ctx.body = String(ctx.session.get('late'))
        return
      }
      ctx.respond = false
      ctx.session.set('late', 2)
      ctx.res.end('raw')
    })
    const server = app.listen(0)
    closing.push(() => server.close(), sessions.close)
    const { port } = server.address() as AddressInfo
    const first = await send({ port, agent: false })
    const cookie = first.setCookie[0]!.split(';')[0]!
    expect((await send({ port, agent: false, headers: { cookie } })).body).toBe('1')
    expect((await send({ port, agent: false, path: '/raw' })).setCookie).toHaveLength(1)
  })
})

describe('Fastify', () => {
  function app(): FastifyInstance {
    const made = fastify()
    closing.push(() => made.close())
    return made
  }

  it('gives sessions to the instance that registers it and those below, not beside', async () => {
    const root = app()
    await root.register(async (child) => {
      await child.register(forFastify)
      child.get('/inside', async (request) => ({ has: request.session.isNew }))
      await child.register(async (grandchild) => {
        grandchild.get('/below', async (request) => ({ has: request.session.isNew }))
      })
    })
    root.get('/beside', async (request) => ({ has: (request as { session?: unknown }).session !== undefined }))
    expect((await root.inject('/inside')).json()).toEqual({ has: true })
    expect((await root.inject('/below')).json()).toEqual({ has: true })
    expect((await root.inject('/beside')).json()).toEqual({ has: false })
  })

  it('works beside @fastify/cookie, in any order, with inject', async () => {
    for (const cookieFirst of [true, false]) {
      const site = app()
      if (cookieFirst) await site.register(fastifyCookie)
      await site.register(forFastify)
      if (!cookieFirst) await site.register(fastifyCookie)
      site.get('/', async (request, reply) => {
        void reply.setCookie('mine', '1')
        request.session.set('n', Number(request.session.get('n') ?? 0) + 1)
        return { n: request.session.get('n'), seen: Object.keys(request.cookies).sort((a, b) => a.localeCompare(b)) }
      })
      const first = await site.inject('/')
      expect(first.cookies.map(({ name }) => name)).toEqual(['mine', 'MacaronSession'])
      const cookies = Object.fromEntries(first.cookies.map(({ name, value }) => [name, value]))
      const second = await site.inject({ url: '/', cookies })
      expect(second.json()).toEqual({ n: 2, seen: ['MacaronSession', 'mine'] })
    }
  })

  it.each([0, 5])('keeps what a later onSend hook changes, also in an object (a store of %i ms)', async (ms) => {
    const spy = new Spy()
    spy.delay = (command) => (command === 'save' ? ms : 0)
    const site = app()
    await site.register(forFastify, { provider: spy.provider })
    site.addHook('onSend', async (request) => {
      const seen = request.session.get('seen') as { sent: number }
      seen.sent++
    })
    site.get('/', async (request) => {
      if (request.session.isNew) request.session.set('seen', { sent: 0 })
      return request.session.get('seen')
    })
    const first = await site.inject('/')
    const cookies = Object.fromEntries(first.cookies.map(({ name, value }) => [name, value]))
    for (const sent of [1, 2, 3]) expect((await site.inject({ url: '/', cookies })).json()).toEqual({ sent })
  })

  it("lets its error handler answer for a store that is down, without the handler's headers", async () => {
    const site = app()
    await site.register(forFastify, { provider: broken().provider })
    site.setErrorHandler(async (error, _request, reply) =>
      reply.status(503).send({ page: (error as { code: string }).code }),
    )
    site.get('/', async (request) => {
      request.session.set('a', 1)
      return 'fine'
    })
    const answer = await site.inject('/')
    expect([answer.statusCode, answer.json(), answer.cookies]).toEqual([503, { page: 'SESS_STORE' }, []])
  })

  it('commits what a hijacked reply sends', async () => {
    const site = app()
    await site.register(forFastify)
    site.get('/', (request, reply) => {
      reply.hijack()
      request.session.set('a', 1)
      reply.raw.end('raw')
    })
    const answer = await site.inject('/')
    expect([answer.body, answer.cookies.length]).toEqual(['raw', 1])
    expect(await site.sessions.count()).toBe(1)
  })

  it('refuses wrong options when it is registered', async () => {
    const site = fastify()
    await expect(site.register(forFastify, { cookiename: 'x' } as never)).rejects.toMatchObject({ code: 'SESS_OPTION' })
  })
})

describe('Hono', () => {
  it('lets onError answer for a store that is down, and else answers 503', async () => {
    for (const hasPage of [true, false]) {
      const app = new Hono()
      const sessions = forHono({ provider: broken().provider })
      closing.push(sessions.close)
      if (hasPage) app.onError((error, c) => c.text(`page: ${(error as { code?: string }).code}`, 503))
      app.use(sessions)
      app.get('/', (c) => {
        c.get('session').set('a', 1)
        return c.text('fine', 200, { 'X-Of-The-Handler': '1' })
      })
      const answer = await app.request('/')
      expect([answer.status, await answer.text()]).toEqual([503, hasPage ? 'page: SESS_STORE' : ''])
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.headers.has('X-Of-The-Handler')).toBe(false)
    }
  })

  it('gives the cookie to responses with immutable headers, and streams', async () => {
    const app = new Hono()
    const sessions = forHono()
    closing.push(sessions.close)
    app.use(sessions)
    app.get('/redirect', (c) => {
      c.var.session.set('a', 1)
      return Response.redirect('http://localhost/stream', 302)
    })
    app.get('/stream', (c) =>
      stream(c, async (out) => {
        await out.write('one,')
        c.var.session.set('late', 1)
        await out.write('two')
      }),
    )
    app.get('/', (c) => c.json(c.var.session.keys()))
    const redirect = await app.request('/redirect')
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://localhost/stream'])
    const headers = { cookie: redirect.headers.getSetCookie()[0]!.split(';')[0]! }
    expect(await (await app.request('/stream', { headers })).text()).toBe('one,two')
    expect(await (await app.request('/', { headers })).json()).toEqual(['a', 'late'])
  })
})

describe('fetch', () => {
  it('never puts a cookie on a response that the application keeps for everybody', async () => {
    const shared = new Response(null, { status: 204 })
    const handler = withSession((_request, { session }) => {
      session.set('a', 1)
      return shared
    })
    closing.push(handler.close)
    const answers = [await handler(new Request('http://localhost/')), await handler(new Request('http://localhost/'))]
    expect(shared.headers.getSetCookie()).toEqual([])
    expect(answers.map(({ status, headers }) => [status, headers.getSetCookie().length])).toEqual([
      [204, 1],
      [204, 1],
    ])
  })

  it.each<[string, (reason: unknown) => void]>([
    ['is told', () => undefined],
    ["can't be told", () => expect.fail('it is away')],
  ])('commits what a stream changed although nobody reads it to its end, where its source %s', async (_name, told) => {
    const sessions = forFetch()
    closing.push(sessions.close)
    const first = await sessions.open(new Request('http://localhost/'))
    first.session.set('a', 1)
    const headers = { cookie: (await first.commit(new Response())).headers.getSetCookie()[0]!.split(';')[0]! }
    const { session, commit } = await sessions.open(new Request('http://localhost/', { headers }))
    const cancelled = vi.fn<(reason: unknown) => void>(told)
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        session.set('late', 1)
        controller.enqueue(new Uint8Array([1]))
      },
      cancel: cancelled,
    })
    const reader = (await commit(new Response(endless))).body!.getReader()
    await reader.read()
    await reader.cancel('enough').catch(() => undefined)
    expect(cancelled).toHaveBeenCalledWith('enough')
    expect((await sessions.open(new Request('http://localhost/', { headers }))).session.get('late')).toBe(1)
  })

  it('begins no session when the handler throws, since no cookie could reach the visitor', async () => {
    const handler = withSession((_request, { session }): Response => {
      session.set('a', 1)
      throw new Error('thrown')
    })
    closing.push(handler.close)
    await expect(handler(new Request('http://localhost/'))).rejects.toThrow('thrown')
    expect(await handler.manager.count()).toBe(0)
  })

  it('rejects what is not an outage, for the server to report', async () => {
    const handler = withSession((): Response => {
      throw new SessionError('SESS_CORRUPT', 'no record')
    })
    closing.push(handler.close)
    await expect(handler(new Request('http://localhost/'))).rejects.toMatchObject({ code: 'SESS_CORRUPT' })
  })

  it('shares the sessions of one sessioner among handlers', async () => {
    const sessions = forFetch()
    closing.push(sessions.close)
    const set = withSession((_request, { session }) => {
      session.set('a', 1)
      return new Response()
    }, sessions)
    const get = withSession((_request, { session }) => new Response(String(session.get('a'))), sessions)
    const cookie = (await set(new Request('http://localhost/'))).headers.getSetCookie()[0]!.split(';')[0]!
    expect(await (await get(new Request('http://localhost/', { headers: { cookie } }))).text()).toBe('1')
  })
})
