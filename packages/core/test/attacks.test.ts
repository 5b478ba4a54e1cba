/** Options that answer an attack or a misconfiguration, each with the attack that it answers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionOptions } from '../src/index.js'
import { newToken, TokenSigner } from '../src/token.js'
import { App, tokenIn } from './support/server.js'
import { Spy } from './support/spy-provider.js'

const [FIRST, SECOND, STRANGER] = ['the first secret of all', 'the second secret of all', 'a secret of somebody else']

let app: App
let spy: Spy
beforeEach(() => {
  spy = new Spy()
})
afterEach(() => app?.close())

/** Says whether the request came with a session, and what it holds; `/set` puts something in. */
async function start(options: SessionOptions): Promise<void> {
  app = await App.start({ provider: spy.provider, ...options }, (req, res) => {
    const known = !req.session.isNew
    if (req.url === '/set') req.session.set('n', 1)
    res.end(`${known} ${String(req.session.get('n'))}`)
  })
  spy.take()
}

describe('secret, against a flood of forged tokens', () => {
  it.each([
    ['not signed', (token: string) => token],
    ['signed by somebody else', (token: string) => new TokenSigner([STRANGER]).sign(token)],
    [
      'with the signature of another token',
      (token: string) => `${token}.${new TokenSigner([FIRST]).sign(newToken()).split('.')[1]}`,
    ],
    ['with a signature cut short', (token: string) => new TokenSigner([FIRST]).sign(token).slice(0, -1)],
    ['with an empty signature', (token: string) => `${token}.`],
    ['signed twice', (token: string) => `${new TokenSigner([FIRST]).sign(token)}.AAAA`],
  ])('one %s costs no store command, and is no session', async (_, forge) => {
    await start({ secret: FIRST })
    const browser = app.browser()
    await browser.get('/set')
    const token = tokenIn(browser)!.split('.')[0]!
    spy.take()
    for (const forged of [forge(token), forge(newToken())]) {
      expect((await app.request('/', `MacaronSession=${forged}`)).body).toBe('false undefined')
    }
    expect(spy.take()).toEqual([])
    expect((await browser.get('/')).body).toBe('true 1')
  })

  it('a secret that leaked is taken out without logging out who has a token of the next one', async () => {
    await start({ secret: FIRST })
    const early = app.browser()
    await early.get('/set')
    await app.close()
    await start({ secret: [SECOND, FIRST] })
    const late = app.browser()
    await late.get('/set')
    expect((await app.request('/', early.cookie)).body).toBe('true 1')
    await app.close()
    await start({ secret: SECOND })
    expect((await app.request('/', late.cookie)).body).toBe('true 1')
    expect((await app.request('/', early.cookie)).body).toBe('false undefined')
  })

  it('who goes on gets a cookie of the first secret, once, so that the last can be taken out', async () => {
    await start({ secret: FIRST })
    const first = app.browser()
    await first.get('/set')
    let cookie = first.cookie
    for (const [secret, count] of [
      [[FIRST, SECOND], 0],
      [[SECOND, FIRST], 1],
      [[SECOND], 0],
    ] as const) {
      await app.close()
      await start({ secret })
      const { body, setCookie } = await app.request('/', cookie)
      expect([body, setCookie.length]).toEqual(['true 1', count])
      cookie = setCookie[0]?.split(';')[0] ?? cookie
      expect((await app.request('/', cookie)).setCookie).toEqual([])
    }
  })
})

describe("cookiePrefix '__Host-', against cookies that a subdomain plants", () => {
  it('a planted cookie without the prefix is nobody’s; the prefix makes browsers refuse all but the host’s own', async () => {
    await start({ cookiePrefix: '__Host-', secure: true })
    const attacker = app.browser()
    const { setCookie } = await attacker.get('/set')
    expect(setCookie[0]).toMatch(/^__Host-MacaronSession=[\w-]{32}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const planted = attacker.jar.get('__Host-MacaronSession')!
    expect((await app.request('/', `MacaronSession=${planted}`)).body).toBe('false undefined')
    expect((await app.request('/', `MacaronSession=${planted}; __Host-MacaronSession=${newToken()}`)).body).toBe(
      'false undefined',
    )
    expect((await app.request('/', `__Host-MacaronSession=${planted}`)).body).toBe('true 1')
  })

  it('where a second cookie of the name is planted, neither is taken', async () => {
    await start({})
    const [victim, attacker] = [app.browser(), app.browser()]
    await victim.get('/set')
    await attacker.get('/set')
    for (const header of [`${attacker.cookie}; ${victim.cookie}`, `${victim.cookie}; ${attacker.cookie}`]) {
      expect((await app.request('/', header)).body).toBe('false undefined')
    }
  })
})

describe('partitioned, against following a visitor from one embedding site to the next', () => {
  it('the cookie says so when it is set and when it is cleared, and only together with Secure', async () => {
    app = await App.start({ partitioned: true, secure: true, sameSite: 'none' }, async (req, res) => {
      if (req.url === '/set') req.session.set('n', 1)
      else await req.session.destroy()
      res.end()
    })
    const browser = app.browser()
    const [set, cleared] = [await browser.get('/set'), await browser.get('/end')]
    for (const { setCookie } of [set, cleared]) expect(setCookie[0]).toMatch(/; Secure; Partitioned; SameSite=None$/)
    for (const secure of [false, 'auto'] as const) {
      expect(() => new App({ partitioned: true, secure }, () => undefined)).toThrow(/option secure: expected true/)
    }
  })
})

describe("secure 'auto', against a spoofed X-Forwarded-Proto", () => {
  const HTTPS = { 'x-forwarded-proto': 'https' }
  it.each<[string, SessionOptions, Record<string, string>, boolean]>([
    ['a stranger says https: not believed, so no cookie that plain HTTP would never send back', {}, HTTPS, false],
    ['a stranger says https, and another proxy is trusted', { trustProxy: ['10.0.0.0/8'] }, HTTPS, false],
    ['the trusted proxy says https', { trustProxy: ['127.0.0.0/8'] }, HTTPS, true],
    ['the trusted proxy, on a dual-stack socket', { trustProxy: ['127.0.0.1', '::1'] }, HTTPS, true],
    ['the trusted proxy says http', { trustProxy: ['127.0.0.1'] }, { 'x-forwarded-proto': 'http' }, false],
    [
      'the visitor came by http, and a proxy in front went on by https',
      { trustProxy: true },
      { 'x-forwarded-proto': 'http, https' },
      false,
    ],
    ['the trusted proxy says nothing', { trustProxy: true }, {}, false],
    [
      'nobody is trusted, and the header is not ours',
      { trustProxy: false },
      { 'x-forwarded-ssl': 'on', 'front-end-https': 'on' },
      false,
    ],
    ['secure is said, and a stranger says http: it stays', { secure: true }, { 'x-forwarded-proto': 'http' }, true],
  ])('%s', async (_, options, headers, isSecure) => {
    await start(options)
    const { setCookie } = await app.request('/set', '', { headers })
    expect([setCookie.length, /; Secure/.test(setCookie[0]!)]).toEqual([1, isSecure])
  })
})
