import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { App, tokenIn } from '../test/support/server.js'
import { ExpressCookie } from './express-cookie.js'
import { createManager } from './index.js'

const SECRET = 'keyboard cat'
/** What express-session sends for a session id. */
const signed = (sid: string, secret = SECRET): string =>
  encodeURIComponent(`s:${sid}.${createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '')}`)
const SID = 'gp0xrIMWIe79OYINFIRLVHdmClexG9D2'

describe('the cookie of express-session', () => {
  const cookie = new ExpressCookie({ secret: ['a newer one', SECRET] })

  it('is taken as a running application sends it', () => {
    const header = `connect.sid=s%3A${SID}.6cNf4msiRMorCpuArQwRxfStb6BYIv4L7rcBhco2tY8`
    expect(cookie.tokenOf(`lang=en; ${header}`)).toBe(SID)
    expect(signed(SID)).toBe(header.slice('connect.sid='.length))
  })

  it('is taken whichever characters base64 has in it', () => {
    for (let n = 0; n < 200; n++) {
      const sid = createHmac('sha256', String(n)).digest('base64url').slice(0, 32)
      expect(cookie.tokenOf(`connect.sid=${signed(sid)}`)).toBe(sid)
    }
  })

  it.each([
    ['none', ''],
    ['one signed by somebody else', `connect.sid=${signed(SID, 'guess')}`],
    ['one that is not signed', `connect.sid=${SID}`],
    ['a signature without its prefix', `connect.sid=${signed(SID).slice('s%3A'.length)}`],
    ['an id of another kind', `connect.sid=${signed('7')}`],
    ['a malformed one', 'connect.sid=%E0%A4%A'],
    ['two of them', `connect.sid=${signed(SID)}; connect.sid=${signed(SID)}`],
    ['one under another name', `sid=${signed(SID)}`],
  ])('is refused: %s', (_what, header) => {
    expect(cookie.tokenOf(header)).toBeUndefined()
  })

  it('may have another name', () => {
    expect(new ExpressCookie({ name: 'sid', secret: SECRET }).tokenOf(`sid=${signed(SID)}`)).toBe(SID)
  })
})

describe('the option expressCookie', () => {
  let app: App
  afterEach(() => app.close())

  async function start(options = {}): Promise<App> {
    app = await App.start({ expressCookie: { secret: SECRET }, ...options }, async (req, res) => {
      const { session } = req
      await session.load()
      if (req.url === '/login') await session.login('ada')
      if (req.url === '/logout') await session.logout()
      res.end(req.url === '/static' ? 'static' : String(session.get('name')))
    })
    const { provider } = app.sessions.manager
    await app.sessions.manager.ready()
    const store = provider.create(app.sessions.manager.identityOf(SID).id)
    store.set('@created', Date.now())
    store.set('name', 'Ada')
    await store.release()
    return app
  }

  it.each([{}, { secret: ['a secret of our own'] }, { lazy: true }])(
    'moves a session into our cookie: %j',
    async (more) => {
      const browser = (await start(more)).browser()
      browser.jar.set('connect.sid', signed(SID))
      const first = await browser.get('/')
      expect(first).toMatchObject({ body: 'Ada', setCookie: [expect.stringContaining(`MacaronSession=${SID}`)] })
      expect(first.headers).toMatchObject({ vary: 'Cookie', 'cache-control': 'private, no-cache="Set-Cookie"' })
      browser.jar.delete('connect.sid')
      expect(await browser.get('/')).toMatchObject({ body: 'Ada', setCookie: [] })
    },
  )

  it('moves it also where no handler looks at the session', async () => {
    const browser = (await start()).browser()
    browser.jar.set('connect.sid', signed(SID))
    const { setCookie, headers } = await browser.get('/static')
    expect([setCookie.length, headers['vary']]).toEqual([1, 'Cookie'])
  })

  it('gives no cookie to who has no session any more', async () => {
    const browser = (await start()).browser()
    browser.jar.set('connect.sid', signed('A'.repeat(32)))
    expect(await browser.get('/')).toMatchObject({ body: 'undefined', setCookie: [] })
  })

  it('puts our own cookie first', async () => {
    const browser = (await start()).browser()
    browser.jar.set('connect.sid', signed(SID))
    await browser.get('/login')
    expect(tokenIn(browser)).not.toBe(SID)
    expect(await browser.get('/')).toMatchObject({ body: 'Ada', setCookie: [] })
  })

  it('brings nobody back who logged out', async () => {
    const browser = (await start()).browser()
    browser.jar.set('connect.sid', signed(SID))
    expect(await browser.get('/logout')).toMatchObject({ body: 'undefined' })
    expect(await browser.get('/')).toMatchObject({ body: 'undefined', setCookie: [] })
  })

  it('counts for requests without a response too', async () => {
    const { manager } = (await start()).sessions
    const session = await manager.read({ headers: { cookie: `connect.sid=${signed(SID)}` } })
    expect(session.get('name')).toBe('Ada')
  })

  it.each([
    ['nothing', null as never, 'an object with secret and name'],
    ['no secret', {} as never, 'secret to be'],
    ['an empty secret', { secret: '' }, 'secret to be'],
    ['no secret in a list', { secret: [] }, 'secret to be'],
    ['an unknown name', { secret: SECRET, key: 'sid' } as never, 'secret and name, got "key"'],
    ['a name that is none', { secret: SECRET, name: 'a b' }, 'a cookie name'],
  ])('is refused at start: %s', (_what, expressCookie, message) => {
    const options = { expressCookie }
    expect(() => createManager(options)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option: 'expressCookie' }),
    )
    expect(() => createManager(options)).toThrow(message)
  })
})
