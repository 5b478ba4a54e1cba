import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { sessioner as registered } from './fastify.js'
import { withSession } from './fetch.js'
import { sessioner as hono } from './hono.js'
import { sessioner as koa } from './koa.js'
import { sessioner } from './node.js'

type Middleware = (...given: unknown[]) => unknown
const theirs = /@sess\/core\/koa, \/fastify and \/hono/

describe('a middleware that is used as it is not meant', () => {
  it.each([
    ['node:http, Express', sessioner, [{}, {}, () => undefined]],
    ['Koa', koa, [{}, () => undefined]],
    ['Fastify, which registers that of node:http', sessioner, [{}, {}, () => undefined]],
  ])('is an error that says it has to be made first: %s', (_who, make, given) => {
    expect(() => (make as Middleware)(...given)).toThrow(
      /^option options: expected one argument, as in app\.use\(sessioner\(options\)\).+, got [23]$/,
    )
    expect(() => (make as Middleware)(...given)).toThrow(theirs)
  })

  it("is an error in Hono's place, and where Fastify's is called", async () => {
    const app = new Hono()
    const errors: Error[] = []
    app.use(hono as never)
    app.onError((error, c) => c.text(String(errors.push(error))))
    await app.request('/')
    expect(errors[0]?.message).toBe(
      "option options: expected options, as in app.use(sessioner(options)), got Hono's context",
    )
    for (const given of [[], [{ maxLifetime: 60 }]])
      await expect((registered as Middleware)(...given)).rejects.toThrow(/as app\.register\(sessioner, options\) gives/)
  })

  it('of Request and Response is an error at start without a handler', () => {
    expect(() => withSession({ maxLifetime: 60 } as never)).toThrow(
      'option handler: expected a function of the request, got an object (Object)',
    )
  })

  it('is an error that says where that of Koa, Hono and Fastify is, whose context or instance comes first', async () => {
    const sessions = sessioner()
    for (const given of [
      [{ req: {} }, async () => undefined],
      [{}, {}, () => undefined],
    ])
      expect(() => (sessions as unknown as Middleware)(...given)).toThrow(theirs)
    await sessions.close()
  })

  it.each([
    ['Koa', koa],
    ['Hono', hono],
  ])("is an error that says whose it is, where %s's is used elsewhere", async (framework, make) => {
    const sessions = make()
    const elsewhere = [
      [{ headers: {} }, { setHeader: () => undefined }, () => undefined],
      framework === 'Koa'
        ? [{ req: new Request('http://x') }, () => undefined]
        : [{ req: { headers: {} } }, () => undefined],
    ]
    for (const given of elsewhere)
      await expect((sessions as unknown as Middleware)(...given)).rejects.toThrow(
        `option context: expected ${framework}'s context: other frameworks have theirs in @sess/core, /express, /koa, /fastify and /hono`,
      )
    await sessions.close()
  })
})
