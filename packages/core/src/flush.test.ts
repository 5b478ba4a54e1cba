import { describe, expect, it } from 'vitest'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { Sessioner } from './adapters/fetch.js'
import type { Session, SessionOptions } from './index.js'

let now = Date.parse('2026-01-01')

async function loggedIn(options: SessionOptions = {}): Promise<[Visitor, Sessioner]> {
  const app = sessioner({ clock: () => now, ...options })
  const visitor = new Visitor(app)
  await visitor.visit(async (session) => {
    await session.login('ada')
    session.lifetime = 7200
    session.set('cart', [1])
  })
  return [visitor, app]
}

describe('flush', () => {
  it.each([{}, { encryptionKey: new Uint8Array(32).fill(1) }])(
    'removes all but whom the session belongs to, when it began and how long it lives (%#)',
    async (options) => {
      const [visitor, app] = await loggedIn(options)
      const created = await visitor.visit((session) => session.createdAt)
      await visitor.visit((session) => {
        session.set('more', 1)
        session.flush()
        expect([session.userId, session.lifetime, session.createdAt]).toEqual(['ada', 7200, created])
        expect([session.keys(), session.get('cart')]).toEqual([[], undefined])
        session.set('after', 1)
      })
      const after = await visitor.visit(({ userId, lifetime, createdAt }) => ({ userId, lifetime, createdAt }))
      expect(after).toEqual({ userId: 'ada', lifetime: 7200, createdAt: created })
      expect(await visitor.visit((session) => session.entries())).toEqual([['after', 1]])
      await app.close()
    },
  )

  it('keeps a lifetime that the same request asked for', async () => {
    const [visitor, app] = await loggedIn()
    await visitor.visit((session) => {
      session.lifetime = 9000
      session.flush()
      expect(session.lifetime).toBe(9000)
    })
    expect(await visitor.visit((session) => session.lifetime)).toBe(9000)
    await app.close()
  })

  it.each([
    ['log-out', (visitor: Visitor) => visitor.twin.visit((session) => session.destroy())],
    ['log-out of all', ({ app }: Visitor) => app.manager.logoutUser('ada')],
    ['expiry', () => (now += 7_200_001)],
  ] as const)('and then a new id, on a session that ended by %s, begin one of nobody', async (_how, end) => {
    const [visitor, app] = await loggedIn()
    const visit = await visitor.open()
    visit.session.flush()
    await end(visitor)
    await visit.session.regenerate().catch((error: unknown) => expect(error).toMatchObject({ code: 'SESS_GONE' }))
    visit.session.set('theme', 'dark')
    await visitor.finish(visit)
    const found = await visitor.visit((session) => [session.userId, session.lifetime, session.get('cart')])
    expect(found).toEqual([undefined, 3600, undefined])
    expect(await app.manager.sessionsOf('ada')).toEqual([])
    await app.close()
  })

  it.each([
    ['read', (session: Session) => session.flash.messages],
    ['not read, where another one was left since', (session: Session) => session.flash.info('for the next page')],
  ])('removes the messages for this response too: %s', async (_, before) => {
    const [visitor, app] = await loggedIn()
    await visitor.visit((session) => session.flash.success('welcome'))
    await visitor.visit((session) => {
      before(session)
      session.flash.now('warning', 'of this response alone')
      session.flush()
      session.flash.keep()
      expect(session.flash.messages).toEqual([{ kind: 'warning', text: 'of this response alone' }])
    })
    expect(await visitor.visit((session) => session.flash.messages)).toEqual([])
    await app.close()
  })

  it('after a log-in that failed, and a new id of a session that ended, begin one of nobody', async () => {
    const [visitor, app] = await loggedIn()
    const visit = await visitor.open()
    const { provider } = app.manager
    const create = provider.regenerate.bind(provider)
    // The log-in gets its id, and then the store is away.
    provider.regenerate = async (from, to) => {
      const store = await create(from, to)
      return Object.assign(store, { commit: () => Promise.reject(new Error('away')) })
    }
    await expect(visit.session.login('bob')).rejects.toMatchObject({ code: 'SESS_STORE' })
    provider.regenerate = create
    await app.manager.destroy(visit.session.id)
    await visit.session.regenerate()
    visit.session.set('theme', 'dark')
    await visitor.finish(visit)
    expect(await visitor.visit((session) => [session.userId, session.get('theme')])).toEqual([undefined, 'dark'])
    await app.close()
  })
})
