import { describe, expect, it } from 'vitest'
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

  it('is an error that says where that of Koa and Hono is, whose context comes first', async () => {
    const sessions = sessioner()
    expect(() => (sessions as unknown as Middleware)({ req: {} }, async () => undefined)).toThrow(theirs)
    await sessions.close()
  })
})
