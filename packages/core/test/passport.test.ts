/** What Passport 0.7 does to a session, in the calls that it makes. */
import express from 'express'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import passport from 'passport'
import { afterEach, expect, it } from 'vitest'
import type { Sessioner, SessionOptions } from '../src/index.js'
import { sessioner } from '../src/index.js'
import type { Answer } from './support/server.js'
import { Browser, send } from './support/server.js'
import { Spy } from './support/spy-provider.js'

let server: Server
let sessions: Sessioner
afterEach(async () => {
  server.close()
  await sessions.close()
})

function start(options: SessionOptions = {}): Browser {
  const authenticator = new passport.Passport()
  authenticator.serializeUser((user, done) => done(null, (user as { id: number }).id))
  authenticator.deserializeUser((id: number, done) => done(null, { id }))
  sessions = sessioner(options)
  const app = express()
  app.use(sessions, authenticator.session())
  app.get('/set', (req, res) => {
    req.session.set('cart', ['tea'])
    res.end()
  })
  app.get('/login', (req, res, next) => {
    req.login({ id: 7 }, { session: true, keepSessionInfo: 'keep' in req.query }, (error) =>
      error ? next(error) : res.redirect('/'),
    )
  })
  app.get('/logout', (req, res, next) => {
    req.logout({ keepSessionInfo: 'keep' in req.query }, (error) => (error ? next(error) : res.redirect('/')))
  })
  app.get('/bind', async (req, res) => {
    await req.session.login('ada')
    req.session.lifetime = 86_400
    res.end()
  })
  app.get('/bound', (req, res) => {
    const { userId, lifetime, createdAt } = req.session
    res.json({ userId: userId ?? null, lifetime, createdAt: createdAt.getTime() })
  })
  app.get('/', (req, res) => {
    res.json({
      user: req.user ?? null,
      cart: req.session.get('cart') ?? null,
      key: req.session.get('passport') ?? null,
    })
  })
  server = app.listen(0)
  const { port } = server.address() as AddressInfo
  const request = (path: string, cookie = ''): Promise<Answer> =>
    send({ port, path, agent: false, headers: cookie ? { cookie } : {} })
  return new Browser({ request })
}

it('gives an anonymous visitor no session', async () => {
  expect((await start().get('/')).setCookie).toEqual([])
})

it('logs in under a new token, without what was there before', async () => {
  const browser = start()
  await browser.get('/set')
  const before = browser.cookie
  await browser.get('/login')
  expect(browser.cookie).not.toBe(before)
  expect(JSON.parse((await browser.get('/')).body)).toEqual({ user: { id: 7 }, cart: null, key: { user: 7 } })
  await browser.get('/logout')
  expect(JSON.parse((await browser.get('/')).body)).toEqual({ user: null, cart: null, key: null })
  expect(await sessions.manager.count()).toBe(1)
})

it('keeps what was there with keepSessionInfo, but not the user', async () => {
  const browser = start()
  await browser.get('/set')
  await browser.get('/login?keep')
  expect(JSON.parse((await browser.get('/')).body)).toEqual({ user: { id: 7 }, cart: ['tea'], key: { user: 7 } })
  await browser.get('/logout?keep')
  expect(JSON.parse((await browser.get('/')).body)).toEqual({ user: null, cart: ['tea'], key: {} })
})

it.each(['/logout', '/logout?keep', '/login', '/login?keep'])(
  'leaves nobody of session.login behind by %s',
  async (path) => {
    let now = Date.now()
    const browser = start({ clock: () => now })
    await browser.get('/login')
    await browser.get('/bind')
    expect(JSON.parse((await browser.get('/bound')).body)).toMatchObject({ userId: 'ada', createdAt: now })
    expect(await sessions.manager.sessionsOf('ada')).toHaveLength(1)
    now += 1000
    await browser.get(path)
    const lifetime = path.endsWith('keep') ? 86_400 : 3600
    expect(JSON.parse((await browser.get('/bound')).body)).toEqual({ userId: null, lifetime, createdAt: now })
    expect(await sessions.manager.sessionsOf('ada')).toEqual([])
    expect(await sessions.manager.logoutUser('ada')).toBe(0)
    expect(await sessions.manager.count()).toBe(1)
  },
)

it('is told when the store is down', async () => {
  const spy = new Spy()
  const browser = start({ provider: spy.provider })
  await browser.get('/set')
  spy.fail = (command) => (command === 'load' ? undefined : new Error('ECONNREFUSED'))
  expect((await browser.get('/login')).status).toBe(503)
})
