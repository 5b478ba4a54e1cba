/** `req.session = null`, by which a session of cookie-session or koa-session ends. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { sessioner as fastifySessions } from '../../src/adapters/fastify.js'
import { sessioner as koaSessions } from '../../src/adapters/koa.js'
import { sessioner } from '../../src/index.js'
import type { Session } from '../../src/index.js'

interface Holder {
  session: Session | null
}

let listener: http.RequestListener
let errors: unknown[] = []
const server = http.createServer((req, res) => listener(req, res))
afterEach(() => {
  errors = []
  server.close()
})

async function get(cookie = ''): Promise<Response> {
  if (!server.listening) await new Promise<void>((done) => server.listen(0, done))
  const { port } = server.address() as AddressInfo
  return fetch(`http://127.0.0.1:${port}`, { headers: { cookie } })
}

/** The first visit begins a session, the next one discards it. */
function discard(holder: Holder): void {
  if (holder.session!.isNew) holder.session!.set('user', 'ada')
  else holder.session = null
}

const frameworks: Record<string, () => Promise<http.RequestListener>> = {
  'node:http': async () => {
    const sessions = sessioner()
    return (req, res) =>
      sessions(req, res, (error) => {
        if (error) return
        discard(req as Holder)
        res.end('done')
      })
  },
  Express: async () => {
    const app = express()
    app.use(sessioner())
    app.get('/', (req, res) => {
      discard(req as Holder)
      res.send('done')
    })
    app.use((error: unknown, req: http.IncomingMessage, res: express.Response, _next: unknown) => {
      errors.push(error)
      res.status(500).send(`sorry, ${String(req.session.get('user'))}`)
    })
    return app as unknown as http.RequestListener
  },
  Koa: async () => {
    const app = new Koa()
    app.on('error', (error) => errors.push(error))
    app.use(koaSessions()).use((ctx) => {
      discard(ctx as Holder)
      ctx.body = 'done'
    })
    return app.callback() as http.RequestListener
  },
  Fastify: async () => {
    const app = fastify()
    await app.register(fastifySessions)
    app.get('/', (request) => {
      discard(request as Holder)
      return 'done'
    })
    app.addHook('onError', async (_request, _reply, error) => void errors.push(error))
    await app.ready()
    return (req, res) => app.routing(req, res)
  },
}

describe.each(Object.entries(frameworks))('null in place of the session, with %s', (name, start) => {
  it('is an error that says how a session is ended, and no page that says it was', async () => {
    listener = await start()
    const cookie = (await get()).headers.getSetCookie()[0]!.split(';')[0]!
    if (name === 'node:http') process.once('warning', (warning) => errors.push(warning)) // nobody else is there to take it
    const response = await get(cookie)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('done')
    const message = 'session = null: expected await session.destroy(), which ends it; got an assignment'
    expect(errors).toEqual([expect.objectContaining({ code: 'SESS_VALUE', message })])
    if (name === 'Express') expect(await (await get(cookie)).text()).toBe('sorry, ada')
  })
})
