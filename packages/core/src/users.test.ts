import { afterEach, describe, expect, it, vi } from 'vitest'
import { App } from '../test/support/server.js'
import type { Browser } from '../test/support/server.js'
import { Spy } from '../test/support/spy-provider.js'
import { createManager } from './index.js'
import { idOf } from './token.js'

let app: App
let spy: Spy
let now: number
afterEach(() => app?.close())

async function start(options = {}): Promise<Browser> {
  spy = new Spy()
  now = Date.parse('2026-01-01')
  app = await App.start(
    { provider: spy.provider, maxLifetime: 600, clock: () => now, ...options },
    async (req, res) => {
      const { session } = req
      const [, what, name = ''] = req.url!.split('/')
      if (what === 'login') await session.login(name, String(req.headers['user-agent'] ?? ''))
      if (what === 'remember') {
        session.lifetime = 86_400
        await session.login(name)
      }
      if (what === 'set') session.set('n', Math.random())
      if (what === 'regenerate') await session.regenerate()
      if (what === 'flush') session.flush()
      if (what === 'logout') await session.logout()
      if (what === 'static') return res.end()
      res.end(JSON.stringify([session.userId, session.get('cart'), session.createdAt]))
    },
  )
  return app.browser()
}

/** Who is logged in. */
const userIn = (answer: { body: string }): unknown => (JSON.parse(answer.body) as unknown[])[0]
const listed = async (user: string | number): Promise<string[]> =>
  (await app.sessions.manager.sessionsOf(user)).map(({ id }) => id)

const indexOf = (user: string): string => `~${idOf(user, 15)}`

/** Something else wrote over what says whose sessions these are. */
async function damageIndex(user: string, text = 'garbage'): Promise<void> {
  const id = indexOf(user)
  const { version } = (await spy.records.load(id))!
  await spy.records.save(id, text, 600, version, 'damaged')
}

describe.each(['null', '7', '{}', '{"created":0,"seen":"x","label":""}', '{"created":0,"seen":0}'])(
  "a session that its user's index lists as %s",
  (entry) => {
    async function begin(options = {}): Promise<[Browser, string]> {
      const browser = await start(options)
      await browser.get('/login/ada')
      const [id] = await listed('ada')
      await damageIndex('ada', `{\n"${id}":${entry}\n}`)
      return [browser, id!]
    }

    it('is an error that names the index and the session, when they are listed and when it is seen', async () => {
      const [browser, id] = await begin()
      const message = expect.stringMatching(`^session ${indexOf('ada')}, "${id}": expected an entry`) as string
      const corrupt = expect.objectContaining({ code: 'SESS_CORRUPT', message }) as Error
      await expect(listed('ada')).rejects.toThrow(corrupt)
      now += 60_000
      expect((await browser.get('/')).status).toBe(500)
      expect((await browser.get('/regenerate')).status).toBe(500)
    })

    it('keeps the user from no log-in, and no log-out', async () => {
      const [browser] = await begin()
      expect((await app.browser().get('/login/ada')).status).toBe(200)
      expect((await browser.get('/logout')).status).toBe(200)
      expect(await listed('ada')).toHaveLength(1)
    })

    it('is ended with all others of the user', async () => {
      const [browser] = await begin({ absoluteLifetime: 3600 })
      expect(await app.sessions.manager.logoutUser('ada')).toBe(1)
      expect(userIn(await browser.get('/'))).toBe(null)
      expect(await listed('ada')).toEqual([])
    })
  },
)

describe('log-out, where the index of the user is damaged', () => {
  it('ends the session, clears the cookie, and brings nothing back', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    const { cookie } = browser
    await damageIndex('ada')
    const answer = await browser.get('/logout')
    expect([answer.status, browser.cookie]).toEqual([200, ''])
    expect(userIn(await app.request('/', cookie))).toBe(null)
  })

  it('by its id ends it too; a log-in is an error', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    const [id] = await listed('ada')
    await damageIndex('ada')
    await app.sessions.manager.destroy(id!)
    expect(userIn(await browser.get('/'))).toBe(null)
    expect((await browser.get('/login/ada')).status).toBe(500)
  })
})

describe('login', () => {
  it('binds the session to the user under a new id, its data kept; the old id is dead', async () => {
    const browser = await start()
    await browser.get('/set')
    const before = browser.cookie
    expect(userIn(await browser.get('/login/ada', { headers: { 'user-agent': 'phone' } }))).toBe('ada')
    expect(browser.cookie).not.toBe(before)
    expect(userIn(await app.request('/', before))).toBe(null)
    expect(userIn(await browser.get('/'))).toBe('ada')
    expect(await app.sessions.manager.sessionsOf('ada')).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{16}$/) as string,
        label: 'phone',
        createdAt: new Date(now),
        lastSeen: new Date(now),
      },
    ])
  })

  it('does not fail by a label that the visitor made long', async () => {
    const browser = await start()
    await browser.get('/login/ada', { headers: { 'user-agent': 'x'.repeat(5000) } })
    expect((await app.sessions.manager.sessionsOf('ada')).map(({ label }) => label)).toEqual(['x'.repeat(1000)])
  })

  it('of a visitor without a session begins one; numbers are users too', async () => {
    const browser = await start()
    expect((await browser.get('/login/7')).setCookie).toHaveLength(1)
    expect(await listed(7)).toEqual(await listed('7'))
    expect(await listed(7)).toHaveLength(1)
  })

  it('as somebody else ends what the index said of the first', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    await browser.get('/login/bob')
    expect([await listed('ada'), (await listed('bob')).length]).toEqual([[], 1])
  })

  it('counts absoluteLifetime anew', async () => {
    const browser = await start({ absoluteLifetime: 1000 })
    await browser.get('/set')
    now += 500_000
    await browser.get('/login/ada')
    now += 599_000
    expect(userIn(await browser.get('/set'))).toBe('ada')
    now += 401_000
    expect(userIn(await browser.get('/'))).toBe(null)
  })

  it('that is ended while it is under way ends itself, and says so', async () => {
    const browser = await start()
    const { manager } = app.sessions
    let saves = 0
    spy.delay = (command) => (command === 'save' && ++saves === 2 ? 200 : 0)
    const login = browser.get('/login/ada')
    await vi.waitFor(() => expect(saves).toBe(2), { interval: 2 })
    expect(await manager.logoutUser('ada')).toBe(1)
    expect((await login).status).toBe(500)
    expect(app.errors).toEqual([expect.objectContaining({ code: 'SESS_GONE' })])
    expect(await manager.count()).toBe(0)
  })

  it.each(['', undefined, null, {}, 1.5, Number.NaN])('of %j is an error', async (user) => {
    const session = await createManager().read({ headers: {} })
    await expect(session.login(user as never)).rejects.toMatchObject({ code: 'SESS_OPTION', option: 'userId' })
    await expect(session.login('ada', 7 as never)).rejects.toMatchObject({ code: 'SESS_OPTION', option: 'label' })
  })
})

describe('the index', () => {
  it('follows the session: regenerate, flush, log-out', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    const [first] = await listed('ada')
    await browser.get('/regenerate')
    const [second, ...more] = await listed('ada')
    expect([second === first, more]).toEqual([false, []])
    await browser.get('/flush')
    expect(await listed('ada')).toEqual([second])
    expect(userIn(await browser.get('/'))).toBe('ada')
    await browser.get('/logout')
    expect(await listed('ada')).toEqual([])
  })

  it('knows a session that is used for longer than the index would live, and when it was seen', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    spy.take()
    for (let minute = 0; minute < 30; minute++) {
      now += 60_000
      await browser.get(minute % 2 ? '/static' : '/')
    }
    expect(await app.sessions.manager.sessionsOf('ada')).toMatchObject([{ lastSeen: new Date(now) }])
    now += 600_001
    expect(await listed('ada')).toEqual([])
  })

  it('costs a request nothing most of the time', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    spy.take()
    for (let second = 0; second < 9; second++) {
      now += 1000
      await browser.get('/')
    }
    expect(spy.take()).toEqual(Array.from({ length: 9 }, () => 'load'))
  })

  it('after a crash between its write and the session’s, lists no session that is not there', async () => {
    await start()
    const { manager } = app.sessions
    await manager.users.add('ada', 'A'.repeat(16), 'crashed', undefined)
    expect(await listed('ada')).toEqual([])
    now += 61_000
    expect(await listed('ada')).toEqual([])
    expect(await manager.users.has('ada', 'A'.repeat(16))).toBe(false)
  })
})

describe('the id of an index', () => {
  it('is no id of a session: destroy and load refuse it, so that no id from outside ends what a user is listed in', async () => {
    const browser = await start()
    await browser.get('/login/ada')
    const { manager } = app.sessions
    const id = `~${idOf('ada', 15)}`
    await expect(manager.destroy(id)).rejects.toMatchObject({ code: 'SESS_ID' })
    await expect((async () => manager.load(id))()).rejects.toMatchObject({ code: 'SESS_ID' })
    expect(await listed('ada')).toHaveLength(1)
    expect(await manager.logoutUser('ada')).toBe(1)
  })
})

describe('an entry whose session can not be alive any more', () => {
  const size = (user: string): number =>
    (spy.records.load(`~${idOf(user, 15)}`) as { data: string } | undefined)?.data.length ?? 0

  it('goes with the next log-in: however often a user logs in and never out, the index stays as small', async () => {
    await start()
    await app.browser().get('/login/bot')
    const first = size('bot')
    for (let n = 0; n < 50; n++) {
      now += 601_000
      await app.browser().get('/login/bot')
    }
    expect(size('bot')).toBeLessThan(4 * first)
  })

  it('stays as long as its session may live, whose lifetime may be its own, and which may be seen a little later', async () => {
    await start()
    await app.sessions.ready()
    const patient = app.browser()
    await patient.get('/remember/ada')
    const plain = app.browser()
    await plain.get('/login/ada')
    now += 599_000
    await app.browser().get('/login/ada')
    expect(await listed('ada')).toHaveLength(3)
    for (let step = 0; step < 5; step++) {
      now += 601_000
      await app.browser().get('/login/ada')
    }
    expect(await listed('ada')).toHaveLength(2)
    expect(userIn(await patient.get('/'))).toBe('ada')
    expect(await app.sessions.manager.logoutUser('ada')).toBe(2)
    expect(userIn(await patient.get('/'))).toBe(null)
  })

  it('is not listed past absoluteLifetime, though the store still has the record', async () => {
    const browser = await start({ maxLifetime: 3600, absoluteLifetime: 600 })
    await browser.get('/login/ada')
    now += 599_000
    expect(await listed('ada')).toHaveLength(1)
    now += 1000
    expect(await listed('ada')).toEqual([])
  })
})

describe('logoutUser', () => {
  it('takes no id in place of its options, which would end the session that is to go on', async () => {
    const manager = createManager()
    await expect(manager.logoutUser('ada', 'an id' as never)).rejects.toThrow(
      'option options: expected an object, as in { except: session.id }, got "an id"',
    )
    await expect(manager.logoutUser('ada', { except: { id: 'an id' } as never })).rejects.toThrow(
      'option except: expected ids of sessions, got an object (Object)',
    )
    await manager.close()
  })

  it('counts the sessions that it ended, not those that had expired', async () => {
    await start({ absoluteLifetime: 700 })
    await app.browser().get('/login/ada')
    now += 500_000
    const browser = app.browser()
    await browser.get('/login/ada')
    now += 150_000
    await app.browser().get('/login/ada')
    expect(await app.sessions.manager.logoutUser('ada')).toBe(2)
    expect(await app.sessions.manager.count()).toBe(0)
    expect(await app.sessions.manager.logoutUser('ada')).toBe(0)
  })

  it('ends several at a time, a few', async () => {
    await start()
    for (let n = 0; n < 40; n++) await app.browser().get('/login/ada')
    let running = 0
    let most = 0
    spy.delay = (command) => {
      if (command !== 'remove') return 0
      most = Math.max(most, ++running)
      setTimeout(() => running--, 5)
      return 5
    }
    expect(await app.sessions.manager.logoutUser('ada')).toBe(40)
    expect([most > 1, most <= 16]).toEqual([true, true])
    expect(await app.sessions.manager.count()).toBe(0)
  })

  it('says so when one could not be ended, and ends the rest when it is asked again', async () => {
    await start()
    for (let n = 0; n < 5; n++) await app.browser().get('/login/ada')
    let failures = 1
    spy.fail = (command) => (command === 'remove' && failures-- > 0 ? new Error('down') : undefined)
    await expect(app.sessions.manager.logoutUser('ada')).rejects.toMatchObject({ code: 'SESS_STORE' })
    await app.sessions.manager.logoutUser('ada')
    expect(await app.sessions.manager.count()).toBe(0)
  })
})

describe('a request whose handler does not look at its session', () => {
  it('refreshes the expiry all the same, and does not vary by the cookie', async () => {
    const browser = await start()
    await browser.get('/set')
    for (let step = 0; step < 4; step++) {
      now += 400_000
      expect((await browser.get('/static')).headers).not.toHaveProperty('vary')
    }
    expect(await app.sessions.manager.count()).toBe(1)
  })
})
