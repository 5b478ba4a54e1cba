import diagnostics from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { begin } from '../../../tools/testing/begin.js'
import { App } from '../test/support/server.js'
import { Spy } from '../test/support/spy-provider.js'
import type { CookieEvent, SessionEvent } from './index.js'
import { createManager } from './index.js'

const undo: (() => void)[] = []
afterEach(() => undo.splice(0).forEach((fn) => fn()))

function listen(name: string): SessionEvent[] {
  const events: SessionEvent[] = []
  const ended = (event: unknown): number => events.push(event as SessionEvent)
  const channel = diagnostics.tracingChannel(`sess:${name}`)
  channel.asyncEnd.subscribe(ended)
  undo.push(() => channel.asyncEnd.unsubscribe(ended))
  return events
}

describe('the tracing channels', () => {
  it('tell provider, id, outcome and duration', async () => {
    const [load, commit, destroy, regenerate, gc] = ['load', 'commit', 'destroy', 'regenerate', 'gc'].map(listen)
    const spy = new Spy()
    const manager = createManager({ provider: spy.provider })
    const cookie = await begin(manager)
    const session = await manager.read({ headers: { cookie } })
    await manager.read({ headers: { cookie: `MacaronSession=${'A'.repeat(32)}` } })
    session.set('a', 1)
    await session.release()
    await session.release()
    const next = manager.newIdentity().id
    await manager.regenerate(session.id, next)
    session.set('b', 1)
    await session.release()
    await manager.destroy(next)
    await manager.gc()
    spy.fail = (command) => (command === 'remove' ? new Error('down') : undefined)
    await manager.destroy(next).catch(() => undefined)
    const seen = (events: SessionEvent[] | undefined): unknown => events!.map(({ id, outcome }) => [id, outcome])
    expect(seen(load)).toEqual([
      [session.id, 'found'],
      [expect.stringMatching(/^[\w-]{16}$/), 'missing'],
    ])
    expect(seen(commit)).toEqual([
      [session.id, 'saved'],
      [session.id, 'unchanged'],
      [session.id, 'gone'],
    ])
    expect(seen(regenerate)).toEqual([[session.id, 'done']])
    expect(seen(destroy)).toEqual([
      [next, 'done'],
      [next, 'failed'],
    ])
    expect(seen(gc)).toEqual([[undefined, 'done']])
    for (const event of [...load!, ...commit!])
      expect(event).toMatchObject({ provider: 'spy', duration: expect.any(Number) as number })
  })
})

describe('sess:cookie', () => {
  it('says why a changed session got no cookie', async () => {
    const events: CookieEvent[] = []
    const note = (event: unknown): number => events.push(event as CookieEvent)
    diagnostics.subscribe('sess:cookie', note)
    undo.push(() => diagnostics.unsubscribe('sess:cookie', note))
    const app = await App.start({}, async (req, res) => {
      if (req.url === '/late') res.flushHeaders()
      if (req.url === '/gone') await app.sessions.manager.destroy(req.session.id)
      req.session.set('a', Math.random())
      res.end()
    })
    const browser = app.browser()
    await browser.get('/')
    expect(events).toEqual([])
    await browser.get('/gone')
    await app.request('/late').catch(() => undefined)
    expect(events.map(({ reason }) => reason)).toEqual(['gone', 'headers-sent'])
    await app.close()
    const session = await createManager().read({ headers: {} })
    expect(() => session.set('a', 1)).toThrow()
    expect(events.map(({ reason }) => reason)).toEqual(['gone', 'headers-sent', 'no-response'])
    for (const event of events)
      expect(event).toMatchObject({ provider: 'memory', id: expect.stringMatching(/^[\w-]{16}$/) as string })
  })
})
