import { describe, expect, it } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { Session } from './index.js'

const update = (session: Session): Promise<unknown> => session.update<number>('n', (n = 0) => n + 1)

/** Begun in this order, none waiting for the one before. */
const asked: [string, ((session: Session) => Promise<unknown>)[]][] = [
  ['two new ids', [(session) => session.regenerate(), (session) => session.regenerate()]],
  ['a new id and a log-in', [(session) => session.regenerate(), (session) => session.login('ada')]],
  ['a log-in and a new id', [(session) => session.login('ada'), (session) => session.regenerate()]],
  ['two log-ins', [(session) => session.login('bob'), (session) => session.login('ada')]],
  ['a release and a new id', [(session) => session.release(), (session) => session.regenerate()]],
  ['an update and a new id', [update, (session) => session.regenerate()]],
  ['a new id and an update', [(session) => session.regenerate(), update]],
]

describe.each([true, false])('a session (stored before: %s)', (isStored) => {
  it.each(asked)('is whole, with its data and its cookie, after %s at once', async (_what, begin) => {
    const spy = new Spy()
    spy.delay = () => 2 // ms, so that one is under way when the next begins
    const visitor = new Visitor(sessioner({ provider: spy.provider }))
    await visitor.app.ready()
    if (isStored) await visitor.visit((session) => session.set('old', 1))
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
})
