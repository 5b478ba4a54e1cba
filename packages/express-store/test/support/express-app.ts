/** An application with express-session, over whatever store. */
import { createManager } from '@sess/core'
import type { Manager, SessionOptions } from '@sess/core'
import type { Express } from 'express'
import session from 'express-session'
import type { SessionOptions as ExpressOptions, Store } from 'express-session'
import { afterEach, vi } from 'vitest'
import { App, Browser } from './app.js'

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown
  }
}

export const SECRET = 'keyboard cat'

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const app of running.splice(0)) await app.stop()
})

/** Stops it after the test. */
export function stopAfterwards<T extends { stop(): Promise<void> }>(app: T): T {
  running.push(app)
  return app
}

export function managerOf(options: SessionOptions = {}): Manager {
  const manager = createManager({ maxLifetime: 3600, ...options })
  stopAfterwards({ stop: () => manager.close() })
  return manager
}

/** Where a slow request waits. */
class Slow {
  readonly reached: Promise<void>
  readonly gate: Promise<void>
  arrived!: () => void
  release!: () => void

  constructor() {
    this.reached = new Promise((done) => (this.arrived = done))
    this.gate = new Promise((done) => (this.release = done))
  }
}

/** Pages that an application with express-session has; `/slow/…` waits until it is released. */
function pages(site: Express, slow: Slow): void {
  site.get('/set/:key/:value', (req, res) => {
    req.session[req.params.key] = req.params.value
    res.end()
  })
  site.get('/slow/:key/:value', async (req, res) => {
    slow.arrived()
    await slow.gate
    req.session[req.params.key] = req.params.value
    res.end()
  })
  site.get('/delete/:key', (req, res) => {
    delete req.session[req.params.key]
    res.end()
  })
  site.get('/save-twice', (req, res, next) => {
    req.session['n'] = 1
    void req.session.save()
    req.session['n'] = 2
    req.session.save((error) => (error ? next(error) : req.session.reload(() => res.json(req.session['n']))))
  })
  site.get('/regenerate', (req, res, next) => {
    req.session.regenerate((error: unknown) => {
      req.session['fresh'] = true
      if (error) next(error)
      else res.end()
    })
  })
  site.get('/logout', (req, res, next) => {
    req.session.destroy((error: unknown) => (error ? next(error) : res.end()))
  })
  site.get('/', (req, res) => {
    const { cookie: _cookie, ...data } = req.session
    res.json(data)
  })
}

export interface ExpressApp {
  readonly browser: Browser
  readonly slow: Slow
}

export async function start(store: Store, options: Partial<ExpressOptions> = {}): Promise<ExpressApp> {
  const slow = new Slow()
  const app = await App.start((site) => {
    site.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false, ...options }))
    pages(site, slow)
  })
  return { browser: new Browser(stopAfterwards(app)), slow }
}

/** The data of the session, as the application sees it. */
export const dataOf = async (browser: Browser): Promise<unknown> => JSON.parse((await browser.get('/')).body) as unknown

/** The session id of express-session, as its cookie has it. */
export const sidOf = (browser: Browser): string =>
  decodeURIComponent(browser.jar.get('connect.sid')!).slice(2).split('.')[0]!
