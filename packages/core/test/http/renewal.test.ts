import { afterEach, describe, expect, it } from 'vitest'
import { defineProvider } from '../../src/index.js'
import { MapServer, MapStorage } from '../conformance/subjects/map-storage.js'
import { clock, later, SETTINGS } from '../support/renewing.js'
import type { Browser } from '../support/server.js'
import { App, tokenIn } from '../support/server.js'

describe('renewal over HTTP', () => {
  let app: App
  afterEach(() => app?.close())

  it('gives the new cookie to a request that saves after another one renewed', async () => {
    let go!: () => void
    const gate = new Promise<void>((done) => (go = done))
    let arrive!: () => void
    const arrived = new Promise<void>((done) => (arrive = done))
    const provider = defineProvider(new MapStorage(new MapServer(clock)))
    app = await App.start({ ...SETTINGS, provider }, async (req, res) => {
      if (req.url === '/slow') {
        arrive()
        await gate
      }
      if (req.url !== '/') req.session.set(req.url!, 1)
      res.end(req.session.keys().join())
    })
    const browser = app.browser()
    await browser.get('/set')
    later(599)
    const slow = app.request('/slow', browser.cookie)
    await arrived
    later(1)
    await browser.get('/')
    go()
    expect((await slow).setCookie[0]).toContain(tokenIn(browser))
    expect((await browser.get('/')).body).toBe('/set,/slow')
  })

  it('sets the cookie on a response whose handler only reads, or does nothing', async () => {
    app = await App.start({ ...SETTINGS }, (req, res) => {
      if (req.url === '/set') req.session.set('n', 1)
      res.end(req.url === '/static' ? '' : String(req.session.get('n')))
    })
    for (const path of ['/', '/static']) {
      const browser: Browser = app.browser()
      await browser.get('/set')
      const before = tokenIn(browser)
      later(600)
      const answer = await browser.get(path)
      expect(answer.setCookie).toHaveLength(1)
      expect(answer.headers['cache-control']).toContain('private')
      expect(tokenIn(browser)).not.toBe(before)
      expect((await browser.get('/')).body).toBe('1')
    }
  })
})
