import { setTimeout as sleep } from 'node:timers/promises'
import { sessioner } from '@sess/core/express'
import { describe, expect, it } from 'vitest'
import { toExpressStore } from '../src/index.js'
import { App } from './support/app.js'
import { dataOf, managerOf, SECRET, sidOf, start, stopAfterwards } from './support/express-app.js'
import { folder } from './support/folder.js'
import { kinds } from './support/stores.js'

describe.each(kinds)('a move from $name', ({ isAvailable, open }) => {
  it.skipIf(!isAvailable)('logs nobody out: first the store, then the middleware', async () => {
    const previous = open()
    const { browser } = await start(previous)
    await browser.get('/set/user/ada')
    await browser.get('/set/seen/once')

    const provider = { provider: 'file', providerConfig: folder() }
    const manager = managerOf(provider)
    browser.app = (await start(toExpressStore(manager, { previous: previous as never }))).browser.app
    const both = await Promise.all([dataOf(browser), dataOf(browser), dataOf(browser)])
    for (const data of both) expect(data).toMatchObject({ user: 'ada', seen: 'once' })
    await browser.get('/set/seen/twice')
    expect(await dataOf(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
    expect(await manager.count()).toBe(1)
    expect(await new Promise((done) => previous.get(sidOf(browser), (_error, found) => done(found ?? null)))).toBeNull()

    const sessions = sessioner({ ...provider, expressCookie: { secret: SECRET } })
    stopAfterwards({ stop: () => sessions.close() })
    const after = await App.start((site) => {
      site.use(sessions)
      site.get('/', (req, res) => void res.json(Object.fromEntries(sessions.of(req)!.entries())))
    })
    browser.app = stopAfterwards(after)
    expect(await dataOf(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
    browser.jar.delete('connect.sid')
    expect(await dataOf(browser)).toMatchObject({ user: 'ada', seen: 'twice' })
  })

  it.skipIf(!isAvailable)('keeps a session that is alive though the expiry in its cookie has passed', async () => {
    const previous = open()
    const cookie = { maxAge: 2500 }
    const { browser } = await start(previous, { cookie })
    await browser.get('/set/user/ada')
    await sleep(1500)
    await browser.get('/') // connect-redis and connect-mongo refresh what they keep beside the session, not the session
    await sleep(1200)
    browser.app = (await start(toExpressStore(managerOf(), { previous: previous as never }), { cookie })).browser.app
    expect(await dataOf(browser)).toMatchObject({ user: 'ada' })
  })

  it.skipIf(!isAvailable)('ends a session in the store before, too', async () => {
    const previous = open()
    const { browser } = await start(previous)
    await browser.get('/set/user/ada')
    const cookie = browser.jar.get('connect.sid')!
    browser.app = (await start(toExpressStore(managerOf(), { previous: previous as never }))).browser.app
    await browser.get('/logout')
    browser.jar.set('connect.sid', cookie)
    expect(await dataOf(browser)).toEqual({})
  })
})
