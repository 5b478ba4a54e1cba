import { describe, expect, it } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { Session } from './index.js'

describe('destroy', () => {
  it.each<[string, (session: Session) => Promise<unknown>]>([
    ['release', (session) => session.release()],
    ['update', (session) => session.update('n', () => 2)],
    ['regenerate', (session) => session.regenerate()],
    ['login', (session) => session.login('ada')],
  ])('ends a new session also while its %s is under way', async (_name, start) => {
    const spy = new Spy()
    spy.delay = (command) => (command === 'save' ? 5 : 0)
    const visitor = new Visitor(sessioner({ provider: spy.provider }))
    await visitor.visit(async (session) => {
      session.set('n', 1)
      const underWay = start(session).catch(() => undefined)
      await session.destroy()
      expect([session.isNew, session.get('n')]).toEqual([true, undefined])
      await underWay
    })
    expect([await spy.records.count(), visitor.cookie]).toEqual([0, ''])
    expect(await visitor.app.manager.sessionsOf('ada')).toEqual([])
  })

  it('ends a lazy session also while it is loaded', async () => {
    const spy = new Spy()
    const visitor = new Visitor(sessioner({ provider: spy.provider, lazy: true }))
    await visitor.visit((session) => session.load().then(() => session.set('n', 1)))
    spy.answerDelay = (command) => (command === 'load' ? 10 : 0)
    await visitor.visit(async (session) => {
      const loading = session.load()
      await session.destroy()
      session.set('after', 1)
      await loading
      expect(session.entries()).toEqual([['after', 1]])
    })
    expect(await spy.records.count()).toBe(1)
    expect(await visitor.visit((session) => session.load().then(() => session.entries()))).toEqual([['after', 1]])
  })

  it('ends a session also where what is under way fails', async () => {
    const spy = new Spy()
    const visitor = new Visitor(sessioner({ provider: spy.provider }))
    await visitor.visit((session) => session.set('n', 1))
    spy.fail = (command) => (command === 'save' ? new Error('away') : undefined)
    await visitor.visit(async (session) => {
      session.set('n', 2)
      session.release().catch(() => undefined)
      await session.destroy()
    })
    expect([await spy.records.count(), visitor.cookie]).toEqual([0, ''])
  })

  it.each([0, 2])(
    'that is under way makes an update an error, not a change that is lost (a store of %i ms)',
    async (ms) => {
      const spy = new Spy()
      spy.delay = () => ms
      const visitor = new Visitor(sessioner({ provider: spy.provider }))
      await visitor.visit((session) => session.set('n', 1))
      await visitor.visit(async (session) => {
        const ending = session.destroy()
        await expect(session.update('n', () => 2)).rejects.toMatchObject({ code: 'SESS_GONE' })
        await ending
      })
      expect([await spy.records.count(), visitor.cookie]).toEqual([0, ''])
    },
  )
})
