import { describe, expect, it } from 'vitest'
import { readCookie } from './cookie.js'
import { App, send } from '../test/support/server.js'
import type { SessionOptions } from './index.js'

describe('readCookie', () => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    ['sid=1', '1'],
    ['a=b; sid=1', '1'],
    ['a=b;sid=1;c=d', '1'],
    [' sid=1 ', '1'],
    ['sid=', ''],
    ['sid', undefined],
    ['xsid=1', undefined],
    ['sidx=1', undefined],
    ['x-sid=1; sid=2', '2'],
    ['a=sid=1', undefined],
    ['a="; sid=1"', '1"'],
    ['sid=1; sid=2', undefined],
    ['sid=1; sid=1', undefined],
    ['SID=1', undefined],
    ['a=b;\tsid=1', '1'],
    ['sid =1', undefined],
  ]
  it.each(cases)('%j gives %j', (header, value) => {
    expect(readCookie(header, 'sid')).toBe(value)
  })
})

describe('Set-Cookie', () => {
  async function setCookie(options: SessionOptions, headers: Record<string, string> = {}): Promise<string[]> {
    const app = await App.start(options, async (req, res) => {
      if (req.url === '/out') await req.session.destroy()
      else req.session.set('a', 1)
      res.end()
    })
    const first = await send({ port: app.port, agent: false, headers })
    const cookie = first.setCookie[0]!.split(';')[0]!
    const last = await send({ port: app.port, agent: false, path: '/out', headers: { ...headers, cookie } })
    await app.close()
    return [first.setCookie[0]!.replace(/=[\w.-]{32,76}/, '=TOKEN'), last.setCookie[0]!]
  }

  const expired = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
  const cases: [string, SessionOptions, Record<string, string>, string, string][] = [
    [
      'by default',
      {},
      {},
      'MacaronSession=TOKEN; Path=/; HttpOnly; SameSite=Lax',
      `MacaronSession=; Max-Age=0; Path=/; ${expired}; HttpOnly; SameSite=Lax`,
    ],
    [
      'has every attribute that was asked for, also when it is removed',
      {
        cookieName: 'sid',
        cookiePath: '/app',
        domain: 'example.org',
        cookieLifeTime: 60,
        secure: true,
        sameSite: 'none',
        partitioned: true,
        cookiePrefix: '__Secure-',
      },
      {},
      '__Secure-sid=TOKEN; Max-Age=60; Domain=example.org; Path=/app; HttpOnly; Secure; Partitioned; SameSite=None',
      `__Secure-sid=; Max-Age=0; Domain=example.org; Path=/app; ${expired}; HttpOnly; Secure; Partitioned; SameSite=None`,
    ],
    [
      'is not Secure because somebody says so',
      {},
      { 'x-forwarded-proto': 'https' },
      'MacaronSession=TOKEN; Path=/; HttpOnly; SameSite=Lax',
      '',
    ],
    [
      'is Secure when a trusted proxy says so',
      { trustProxy: ['127.0.0.0/8', '::1'] },
      { 'x-forwarded-proto': 'https, http' },
      'MacaronSession=TOKEN; Path=/; HttpOnly; Secure; SameSite=Lax',
      '',
    ],
    [
      'is not when the proxy is another',
      { trustProxy: ['10.0.0.0/8'] },
      { 'x-forwarded-proto': 'https' },
      'MacaronSession=TOKEN; Path=/; HttpOnly; SameSite=Lax',
      '',
    ],
    [
      'is not when the proxy says http',
      { trustProxy: true },
      { 'x-forwarded-proto': 'http' },
      'MacaronSession=TOKEN; Path=/; HttpOnly; SameSite=Lax',
      '',
    ],
  ]
  it.each(cases)('%s', async (_what, options, headers, set, clear) => {
    const [first, last] = await setCookie(options, headers)
    expect(first).toBe(set)
    if (clear !== '') expect(last).toBe(clear)
  })

  it('goes on living with the session where it has a Max-Age', async () => {
    const app = await App.start({ cookieLifeTime: 60 }, (req, res) => {
      if (req.url !== '/read') req.session.set('n', Math.random())
      res.end()
    })
    const browser = app.browser()
    await browser.get('/')
    const { cookie } = browser
    expect((await browser.get('/')).setCookie).toHaveLength(1)
    expect(browser.cookie).toBe(cookie)
    expect((await browser.get('/read')).setCookie).toEqual([])
    await app.close()
  })
})
