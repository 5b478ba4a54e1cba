import http from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, it } from 'vitest'
import { sessioner } from '../../src/index.js'

/** Its types would be those of `req.session` in all tests. */
const expressSession = createRequire(import.meta.url)('express-session') as (options: object) => express.RequestHandler

it('below express-session is an error that says so, where the response would hang', async () => {
  const app = express()
  app.use(expressSession({ secret: 'keyboard cat', resave: false, saveUninitialized: false }))
  app.use(sessioner())
  app.use((error: Error, _req: http.IncomingMessage, res: express.Response, _next: unknown) => {
    res.status(500).send(error.message)
  })
  const server = http.createServer(app as unknown as http.RequestListener).listen(0)
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}`)
  expect(await response.text()).toBe(
    "option session: expected no req.session of another middleware before sessioner's, got an object (Session)",
  )
  server.close()
})

it('below another sessioner is none', async () => {
  const app = express()
  const [first, second] = [sessioner(), sessioner({ cookieName: 'second' })]
  app.use(first, second)
  app.get('/', (req, res) => {
    first.of(req)!.set('n', 1)
    req.session.set('n', 2)
    res.send('done')
  })
  const server = http.createServer(app as unknown as http.RequestListener).listen(0)
  const { port } = server.address() as AddressInfo
  const names = (await fetch(`http://127.0.0.1:${port}`)).headers.getSetCookie().map((cookie) => cookie.split('=')[0])
  expect(names).toEqual(['MacaronSession', 'second'])
  server.close()
})
