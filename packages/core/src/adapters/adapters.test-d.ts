import createServer from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import type { GetConnInfo } from 'hono/conninfo'
import type Koa from 'koa'
import type { IncomingMessage } from 'node:http'
import { expectTypeOf, test } from 'vitest'
import type { Flash } from '../flash.js'
import type { Manager } from '../manager.js'
import type { Session } from '../session.js'
import { sessioner as express } from './express.js'
import { sessioner as fastify } from './fastify.js'
import { sessioner as fetch, withSession } from './fetch.js'
import { sessioner as hono } from './hono.js'
import { sessioner as koa } from './koa.js'

declare module '../session.js' {
  interface SessionData {
    ofAdapters: { id: number }
  }
}

type Known = { id: number } | undefined

test('SessionData reaches node:http, Connect and Express', () => {
  const use = (req: IncomingMessage): unknown => expectTypeOf(req.session.get('ofAdapters')).toEqualTypeOf<Known>()
  expectTypeOf(use).toBeFunction()
  expectTypeOf(express().manager).toEqualTypeOf<Manager>()
})

test('SessionData reaches Koa', () => {
  const use = (app: Koa, own: Koa<{ mine: string }, { other: number }>): void => {
    app.use(koa({ provider: 'memory' }))
    app.use((ctx) => {
      expectTypeOf(ctx.session.get('ofAdapters')).toEqualTypeOf<Known>()
      expectTypeOf(ctx.flash).toEqualTypeOf<Flash>()
      // @ts-expect-error an object with an id is expected
      ctx.session.set('ofAdapters', 1)
    })
    own.use(koa())
    own.use((ctx) => expectTypeOf(ctx.session).toEqualTypeOf<Session>())
  }
  expectTypeOf(use).toBeFunction()
})

test('SessionData reaches Fastify', () => {
  const use = async (app: FastifyInstance): Promise<void> => {
    await app.register(fastify, { provider: 'memory' })
    app.get('/', async (request) => {
      expectTypeOf(request.session.get('ofAdapters')).toEqualTypeOf<Known>()
      expectTypeOf(request.flash).toEqualTypeOf<Flash>()
    })
    expectTypeOf(app.sessions).toEqualTypeOf<Manager>()
  }
  expectTypeOf(use).toBeFunction()
})

test('Fastify checks the options, however they are given', () => {
  const use = (app: FastifyInstance): void => {
    void app.register(fastify)
    void app.register(fastify, {})
    void app.register(fastify, { provider: 'memory', maxLifetime: 60 })
    void app.register(fastify, () => ({ provider: 'memory' }))
    void createServer({ http2: true }).register(fastify, { provider: 'memory' })
    // @ts-expect-error no such option
    void app.register(fastify, { providr: 'memory' })
    // @ts-expect-error a provider's name, or a provider
    void app.register(fastify, { provider: 1 })
    // @ts-expect-error seconds
    void app.register(fastify, () => ({ maxLifetime: '1 h' }))
    // @ts-expect-error no such option
    void createServer({ http2: true }).register(fastify, { providr: 'memory' })
  }
  expectTypeOf(use).toBeFunction()
})

test('Hono takes the getConnInfo of its runtimes', () => {
  const use = (getConnInfo: GetConnInfo): unknown => hono({ trustProxy: ['10.0.0.0/8'] }, getConnInfo)
  expectTypeOf(use).toBeFunction()
})

test('SessionData reaches Hono, by c.var and c.get', () => {
  const app = new Hono<{ Bindings: { key: string } }>()
  app.use(hono())
  app.get('/', (c) => {
    expectTypeOf(c.var.session.get('ofAdapters')).toEqualTypeOf<Known>()
    expectTypeOf(c.get('session')).toEqualTypeOf<Session>()
    expectTypeOf(c.var.flash).toEqualTypeOf<Flash>()
    return c.text('')
  })
})

test('SessionData reaches the Fetch API', async () => {
  const handler = withSession((_request, { session, flash }, env: { key: string }) => {
    expectTypeOf(session.get('ofAdapters')).toEqualTypeOf<Known>()
    expectTypeOf(flash).toEqualTypeOf<Flash>()
    return new Response(env.key)
  }, fetch())
  expectTypeOf(handler).parameters.toEqualTypeOf<[Request, { key: string }]>()
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<Response>>()
})

test('regenerate, destroy and save give a promise, or call back', () => {
  const use = (session: Session): void => {
    expectTypeOf(session.regenerate()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(session.regenerate(() => undefined)).toEqualTypeOf<void>()
    expectTypeOf(session.destroy(() => undefined)).toEqualTypeOf<void>()
    expectTypeOf(session.save((error) => error)).toEqualTypeOf<void>()
    expectTypeOf(session.passport?.user).toEqualTypeOf<unknown>()
  }
  expectTypeOf(use).toBeFunction()
})
