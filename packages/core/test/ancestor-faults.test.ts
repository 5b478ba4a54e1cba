/** What went wrong in the library whose documentation this one implements, fault by fault, on memory and on file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionOptions } from '../src/index.js'
import { createManager, file, memory, sessioner } from '../src/index.js'
import { begin } from '../../../tools/testing/begin.js'
import { App, tokenIn } from './support/server.js'
import type { Browser } from './support/server.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-ancestor-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(['memory', 'file'])('on %s', (name) => {
  let app: App
  let browser: Browser
  let now: number
  const provider = (): SessionOptions['provider'] =>
    name === 'memory' ? memory() : file({ path: join(folder, 'sessions') })

  beforeEach(async () => {
    now = Date.parse('2026-01-01')
    app = await App.start({ provider: provider()!, maxLifetime: 60, clock: () => now }, async (req, res) => {
      const { session } = req
      if (req.url === '/set') session.set('n', Number(session.get('n') ?? 0) + 1)
      if (req.url === '/delete') session.delete('n')
      if (req.url === '/flush') session.flush()
      if (req.url === '/regenerate') {
        session.set('before', true)
        await session.regenerate()
        session.set('after', true)
      }
      if (req.url === '/destroy') {
        session.set('n', 99)
        await session.destroy()
        await session.release()
      }
      if (req.url === '/throw') {
        session.set('n', 7)
        throw new Error('handler')
      }
      res.end(JSON.stringify([session.isNew, Object.fromEntries(session.entries())]))
    })
    browser = app.browser()
  })
  afterEach(() => app.close())

  const get = async (path: string): Promise<unknown> => JSON.parse((await browser.get(path)).body) as unknown

  it('1: after the id was regenerated the old one is dead, and nothing is written to it', async () => {
    await browser.get('/set')
    const old = browser.cookie
    expect(await get('/regenerate')).toEqual([false, { n: 1, before: true, after: true }])
    expect(JSON.parse((await app.request('/', old)).body)).toEqual([true, {}])
    expect(await get('/')).toEqual([false, { n: 1, before: true, after: true }])
  })

  it('2: a release after destroy does not bring the session back', async () => {
    await browser.get('/set')
    const old = browser.cookie
    await browser.get('/destroy')
    expect(JSON.parse((await app.request('/', old)).body)).toEqual([true, {}])
  })

  it.each(['/flush', '/delete'])('3: %s of all keys is persisted', async (path) => {
    await browser.get('/set')
    await browser.get(path)
    expect(await get('/')).toEqual([false, {}])
  })

  it('5: an expired id is not used again: another one is issued', async () => {
    await browser.get('/set')
    const old = tokenIn(browser)
    now += 60_001
    expect(await get('/set')).toEqual([true, { n: 1 }])
    expect(tokenIn(browser)).not.toBe(old)
    expect(tokenIn(browser)).toMatch(/^[\w-]{32}$/)
  })

  it('8: regenerating on a request with an invalid cookie, or none, is no error', async () => {
    for (const cookie of ['', 'MacaronSession=../..', `MacaronSession=${'A'.repeat(32)}`]) {
      const answer = await app.request('/regenerate', cookie)
      expect([answer.status, answer.setCookie.length]).toEqual([200, 1])
      expect(answer.setCookie[0]).not.toContain('A'.repeat(32))
    }
  })

  it('9: a visitor who stores nothing leaves no record and gets no cookie', async () => {
    const before = await app.sessions.manager.count()
    expect((await browser.get('/')).setCookie).toEqual([])
    expect(await app.sessions.manager.count()).toBe(before)
  })

  it('13: what a handler set is persisted when it throws', async () => {
    expect((await browser.get('/throw')).status).toBe(500)
    expect(await get('/')).toEqual([false, { n: 7 }])
  })

  it('15: every id length works, odd ones too', async () => {
    for (let idLength = 11; idLength <= 43; idLength++) {
      const manager = createManager({ provider: provider()!, idLength })
      const session = await manager.read({ headers: { cookie: await begin(manager) } })
      expect([session.isNew, session.id.length]).toEqual([false, idLength])
      await manager.close()
    }
  })

  it('17: a second middleware leaves the first one its sessions, and both can be stopped', async () => {
    await browser.get('/set')
    const second = sessioner({ provider: provider()! })
    await second.ready()
    await second.close()
    expect(await get('/')).toEqual([false, { n: 1 }])
  })
})
