/**
 * A long-lived session changes its token, and parallel requests don't notice. The managers' clock goes ahead of the
 * store's, so that nothing has to be waited for.
 * @module
 */
import assert from 'node:assert/strict'
import type { Manager } from '../manager.js'
import type { Session } from '../session.js'
import type { Fixture } from './fixture.js'
import { claims } from './fixture.js'
import { parallel, repeat } from './steps.js'
import type { Pace, State } from './steps.js'
import { Visitor, visitorWith } from './visitor.js'

const RENEW_EVERY = 600
const GRACE = 30
const CROWD = 8

const isNew = (session: Session): boolean => session.isNew

export function renewal(state: State): void {
  state(
    'a renewed session is the same under another id, and the old token leads to it for the grace',
    async (fixture) => {
      const time = new Time(fixture)
      const manager = await fixture.manager(time.settings)
      const [visitor, id] = await visitorWith(manager, { n: 1 })
      const old = visitor.cookie
      time.ahead += RENEW_EVERY
      assert.notEqual(await visitor.visit(manager, (session) => session.id), id)
      const late = new Visitor(old)
      assert.equal(await late.visit(manager, (session) => session.get('n')), 1)
      assert.equal(late.cookie, visitor.cookie)
      time.ahead += GRACE
      assert.equal(await new Visitor(old).visit(manager, isNew), true)
      assert.equal(await visitor.visit(manager, (session) => session.get('n')), 1)
    },
  )

  state(
    'requests that come with the old token while it is renewed lose no change, and get one token',
    async (fixture) => {
      const time = new Time(fixture)
      const managers = await managersOf(fixture, time)
      await repeat(fixture, (pace) => noneLost(managers, time, pace))
    },
  )

  state('log-out with the old token, or with the new one, ends a renewed session', async (fixture) => {
    const time = new Time(fixture)
    const manager = await fixture.manager(time.settings)
    for (const comesWith of ['old', 'new']) {
      const [visitor] = await visitorWith(manager, { n: 1 })
      const old = visitor.cookie
      time.ahead += RENEW_EVERY
      await visitor.visit(manager, isNew)
      await new Visitor(comesWith === 'old' ? old : visitor.cookie).visit(manager, (session) => session.logout())
      for (const cookie of [old, visitor.cookie]) assert.equal(await new Visitor(cookie).visit(manager, isNew), true)
    }
  })

  state('after a log-in no token from before leads to the session, also one in its grace', async (fixture) => {
    const time = new Time(fixture)
    const manager = await fixture.manager(time.settings)
    const [visitor] = await visitorWith(manager, { n: 1 })
    const [old] = [visitor.cookie, (time.ahead += RENEW_EVERY)]
    await visitor.visit(manager, isNew)
    const renewed = visitor.cookie
    await new Visitor(old).visit(manager, (session) => session.login(7))
    for (const cookie of [old, renewed]) assert.equal(await new Visitor(cookie).visit(manager, isNew), true)
  })

  state('a renewed session is listed once among those of its user, with its label', async (fixture) => {
    const time = new Time(fixture)
    const manager = await fixture.manager(time.settings)
    const visitor = new Visitor()
    await visitor.visit(manager, (session) => session.login('user 7', 'desk'))
    time.ahead += RENEW_EVERY
    const id = await visitor.visit(manager, (session) => session.id)
    const listed = await manager.sessionsOf('user 7')
    assert.deepEqual(
      listed.map((session) => [session.id, session.label]),
      [[id, 'desk']],
    )
  })
}

/** The time of managers, in seconds ahead of the store's. */
class Time {
  ahead = 0
  readonly settings: { clock: () => number; renewEvery: number; renewGrace: number }

  constructor(fixture: Fixture) {
    this.settings = { clock: () => fixture.now() + this.ahead * 1000, renewEvery: RENEW_EVERY, renewGrace: GRACE }
  }
}

/** Of two processes, where there can be two that lose nothing. */
async function managersOf(fixture: Fixture, { settings }: Time): Promise<Manager[]> {
  const one = await fixture.manager(settings)
  if (fixture.options.createSecond && claims(one.provider).merge) return fixture.managers(settings, settings)
  return [one, one]
}

async function noneLost(managers: Manager[], time: Time, pace: Pace): Promise<void> {
  const [visitor] = await visitorWith(managers[0]!, { n: 0 })
  time.ahead += RENEW_EVERY
  const others = await parallel(CROWD, async (i) => {
    const other = new Visitor(visitor.cookie)
    await pace()
    await other.visit(managers[i % 2]!, async (session) => {
      session.set(`own ${i}`, i)
      await session.update<number>('n', (n = 0) => n + 1)
    })
    return other
  })
  const tokens = new Set(others.map(({ cookie }) => cookie).filter((cookie) => cookie !== visitor.cookie))
  assert.equal(tokens.size, 1, `${tokens.size} tokens were given, expected 1`)
  const result = await others[0]!.visit(managers[0]!, (session) => [session.get('n'), session.keys().length])
  assert.deepEqual(result, [CROWD, CROWD + 1])
}
