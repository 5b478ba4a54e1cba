/** One session through every server that the middleware is made for. */
import type { AddressInfo } from 'node:net'
import http from 'node:http'
import http2 from 'node:http2'
import { createRequire } from 'node:module'
import express5 from 'express'
import { describe, expect, it } from 'vitest'
import type { NodeRequest, NodeResponse, Session, Sessioner } from '../src/index.js'
import { sessioner } from '../src/index.js'

const require = createRequire(import.meta.url)
const express4 = require('express4') as typeof express5
const connect = require('connect') as () => { use(fn: unknown): unknown } & http.RequestListener

type Listener = (req: NodeRequest, res: NodeResponse) => void

function handle(req: http.IncomingMessage, res: http.ServerResponse): void {
  const steps: Record<string, () => unknown> = {
    '/set': () => {
      req.session.set('n', Number(req.session.get('n') ?? 0) + 1)
      req.flash.success('saved')
    },
    '/regenerate': () => req.session.regenerate(),
    '/out': () => req.session.destroy(),
  }
  Promise.resolve(steps[req.url ?? '']?.()).then(
    () => {
      const { Flash } = (res as { locals?: { Flash?: { SuccessMsg: string } } }).locals ?? {}
      res.setHeader('X-Flash', (Flash ?? req.flash).SuccessMsg)
      res.end(`n=${String(req.session.get('n'))}`)
    },
    () => res.destroy(),
  )
}

const servers: [string, (sessions: Sessioner) => Listener, 1 | 2][] = [
  ['node:http', (sessions) => (req, res) => sessions(req, res, () => handle(req as never, res as never)), 1],
  ['node:http2', (sessions) => (req, res) => sessions(req, res, () => handle(req as never, res as never)), 2],
  ['Connect', (sessions) => withConnect(sessions) as Listener, 1],
  ['Express 4', (sessions) => express4().use(sessions).use(handle) as Listener, 1],
  ['Express 5', (sessions) => express5().use(sessions).use(handle) as Listener, 1],
]

function withConnect(sessions: Sessioner): http.RequestListener {
  const app = connect()
  app.use(sessions)
  app.use(handle)
  return app
}

interface Answer {
  body: string
  flash: string
  cookie: string | undefined
}

describe.each(servers)('%s', (_name, listener, version) => {
  it('creates, reads, flashes, regenerates and destroys', async () => {
    const sessions = sessioner()
    const server =
      version === 1 ? http.createServer(listener(sessions) as never) : http2.createServer(listener(sessions) as never)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    let cookie = ''
    const get = async (path: string): Promise<Answer> => {
      const answer = await (version === 1 ? get1 : get2)(port, path, cookie)
      if (answer.cookie !== undefined) cookie = answer.cookie.split(';')[0]!
      return answer
    }
    expect(await get('/')).toEqual({ body: 'n=undefined', flash: '', cookie: undefined })
    expect(await get('/set')).toMatchObject({
      body: 'n=1',
      flash: '',
      cookie: expect.stringMatching(/HttpOnly/) as string,
    })
    const first = cookie
    expect(await get('/')).toEqual({ body: 'n=1', flash: 'saved', cookie: undefined })
    expect(await get('/set')).toMatchObject({ body: 'n=2', flash: '' })
    expect(await get('/regenerate')).toMatchObject({ body: 'n=2', flash: 'saved' })
    expect(cookie).not.toBe(first)
    expect(await get('/')).toMatchObject({ body: 'n=2', flash: '' })
    expect(await get('/out')).toMatchObject({
      body: 'n=undefined',
      cookie: expect.stringMatching(/Max-Age=0/) as string,
    })
    expect(await sessions.manager.count()).toBe(0)
    await new Promise((done) => server.close(done))
    await sessions.close()
  })
})

describe('CVE-2025-7339 on HTTP/2', () => {
  const headers = { 'x-a': '1', 'set-cookie': ['mine=1', 'mine2=2'] }
  const forms: [string, unknown][] = [
    ['an object', headers],
    ['a flat array', ['x-a', '1', 'set-cookie', 'mine=1', 'set-cookie', 'mine2=2']],
    [
      'an array of pairs',
      [
        ['x-a', '1'],
        ['set-cookie', 'mine=1'],
        ['set-cookie', 'mine2=2'],
      ],
    ],
  ]
  const answered = async (use: (session: Session) => unknown, given: unknown): Promise<Record<string, unknown>> => {
    const sessions = sessioner()
    const server = http2.createServer((req, res) => {
      sessions(req, res, () => {
        use(req.session)
        res.writeHead(201, given as typeof headers)
        res.end('x')
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const answer = await headers2((server.address() as AddressInfo).port)
    await new Promise((done) => server.close(done))
    await sessions.close()
    return answer
  }

  it.each(forms)('keeps what writeHead gets as %s beside our cookie', async (_form, given) => {
    const answer = await answered((session) => session.set('a', 1), given)
    const cookies = ['mine=1', 'mine2=2', expect.stringMatching(/^MacaronSession=/)]
    expect(answer).toMatchObject({ status: 201, 'x-a': '1', 'set-cookie': cookies, vary: 'Cookie' })
  })

  const without = ['an object without cookies', { 'x-a': '1' }] as const
  it.each<readonly [string, unknown]>([...forms, without])(
    'says that the answer varies with the cookie where the session was only read, and writeHead gets %s',
    async (form, given) => {
      const answer = await answered((session) => session.get('a'), given)
      expect(answer).toMatchObject({ status: 201, 'x-a': '1', vary: 'Cookie' })
      expect(answer['set-cookie']).toEqual(form === without[0] ? undefined : ['mine=1', 'mine2=2'])
    },
  )
})

async function headers2(port: number): Promise<Record<string, unknown>> {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  return new Promise((resolve, reject) => {
    const request = client.request({ ':path': '/' })
    request.on('response', ({ ':status': status, ...headers }) => resolve({ status, ...headers }))
    request.on('error', reject)
    request.on('close', () => client.close())
    request.resume().end()
  })
}

async function get1(port: number, path: string, cookie: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie, connection: 'close' } })
  const { headers } = response
  return { body: await response.text(), flash: headers.get('x-flash') ?? '', cookie: headers.getSetCookie()[0] }
}

function get2(port: number, path: string, cookie: string): Promise<Answer> {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  return new Promise((resolve, reject) => {
    const request = client.request({ ':path': path, cookie })
    let answer: Answer
    let body = ''
    request.on('response', (headers) => {
      answer = { body: '', flash: String(headers['x-flash']), cookie: headers['set-cookie']?.[0] }
    })
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      client.close()
      resolve({ ...answer, body })
    })
    request.on('error', reject)
    request.end()
  })
}
