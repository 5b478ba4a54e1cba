import { describe, expect, it } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { Session, SessionOptions } from './index.js'

type Ask = (session: Session) => Promise<unknown>

const update: Ask = (session) => session.update<number>('n', (n = 0) => n + 1)

/** Begun in this order, none waiting for the one before. */
const asked: [string, Ask[]][] = [
  ['two new ids', [(session) => session.regenerate(), (session) => session.regenerate()]],
  ['a new id and a log-in', [(session) => session.regenerate(), (session) => session.login('ada')]],
  ['a log-in and a new id', [(session) => session.login('ada'), (session) => session.regenerate()]],
  ['two log-ins', [(session) => session.login('bob'), (session) => session.login('ada')]],
  ['a release and a new id', [(session) => session.release(), (session) => session.regenerate()]],
  ['an update and a new id', [update, (session) => session.regenerate()]],
  ['a new id and an update', [(session) => session.regenerate(), update]],
]

const earlier: [string, Ask][] = [
  ['release', (session) => session.release()],
  ['update', update],
  ['regenerate', (session) => session.regenerate()],
  ['login', (session) => session.login('ada')],
]

/** A store that takes 2 ms, so that one is under way when the next begins, and somebody who visits. */
async function visiting(isStored: boolean): Promise<[Visitor, Spy]> {
  const spy = new Spy()
  spy.delay = () => 2
  const visitor = new Visitor(sessioner({ provider: spy.provider }))
  await visitor.app.ready()
  if (isStored) await visitor.visit((session) => session.set('old', 1))
  return [visitor, spy]
}

describe.each([true, false])('a session (stored before: %s)', (isStored) => {
  it.each(asked)('is whole, with its data and its cookie, after %s at once', async (_what, begin) => {
    const [visitor, spy] = await visiting(isStored)
    const before = visitor.cookie
    await visitor.visit(async (session) => {
      session.set('new', 1)
      await Promise.all(begin.map((ask) => ask(session)))
    })
    const data = { ...(isStored && { old: 1 }), new: 1, ...(begin.includes(update) && { n: 1 }) }
    await visitor.visit((session) => expect(Object.fromEntries(session.entries())).toEqual(data))
    expect(visitor.cookie).not.toBe(before)
    expect(await spy.records.count()).toBe(1)
  })

  it.each(earlier)('begins anew by regenerate(callback) while its %s is under way', async (_what, ask) => {
    const [visitor, spy] = await visiting(isStored)
    await visitor.visit(async (session) => {
      session.set('new', 1)
      const underWay = ask(session)
      session.set('late', 1)
      await new Promise((done) => session.regenerate(done))
      session.set('anew', 1)
      await underWay
    })
    await visitor.visit((session) => expect([session.userId, session.entries()]).toEqual([undefined, [['anew', 1]]]))
    expect(await spy.records.count()).toBe(1)
  })
})

describe('a session that gets a new id', () => {
  async function stored(options: SessionOptions = {}): Promise<[Visitor, Spy]> {
    const spy = new Spy()
    const visitor = new Visitor(sessioner({ provider: spy.provider, ...options }))
    await visitor.visit((session) => session.set('old', 1))
    return [visitor, spy]
  }

  it.each([{}, { encryptionKey: new Uint8Array(32) }])(
    'has what another request saves in between (%o)',
    async (options) => {
      const [visitor, spy] = await stored(options)
      const { twin } = visitor
      spy.delay = (command) => (command === 'rename' ? 100 : 0)
      const moving = visitor.visit((session) => session.regenerate())
      await expect.poll(() => spy.commands, { interval: 1 }).toContain('rename')
      await twin.visit((session) => session.set('between', 1))
      await moving
      await visitor.visit((session) => expect(Object.fromEntries(session.entries())).toEqual({ old: 1, between: 1 }))
    },
  )

  it("is the visitor's where the store is away just after that", async () => {
    const [visitor, spy] = await stored()
    const before = visitor.cookie
    spy.fail = (command) => (spy.commands.slice(0, -1).includes('rename') ? new Error(`down: ${command}`) : undefined)
    await visitor.visit((session) => session.regenerate())
    spy.fail = () => undefined
    expect(visitor.cookie).not.toBe(before)
    await visitor.visit((session) => expect(session.get('old')).toBe(1))
  })
})
