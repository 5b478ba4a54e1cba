/**
 * Whose sessions these are: every provider can list and end the sessions of a user, by records of the same kind.
 * @module
 */
import assert from 'node:assert/strict'
import type { Manager } from '../manager.js'
import { claims } from './fixture.js'
import { parallel, repeat } from './steps.js'
import type { Pace, State } from './steps.js'
import { Visitor } from './visitor.js'

/** Log-ins at once. */
const CROWD = 50
const USER = 'user 7'

export function users(state: State): void {
  state('the sessions of a user are listed with label and times, and nobody else’s', async (fixture) => {
    const manager = await fixture.manager()
    await login(manager, 'other', 'desk')
    const [, phone] = [await login(manager, USER, 'desk'), await login(manager, USER, 'phone')]
    const listed = await manager.sessionsOf(USER)
    assert.deepEqual(listed.map(({ label }) => label).sort(), ['desk', 'phone'])
    assert.ok(listed.some(({ id }) => id === phone.id))
    for (const { createdAt, lastSeen } of listed) {
      assert.ok(Math.abs(fixture.now() - createdAt.getTime()) < 10_000)
      assert.ok(lastSeen >= createdAt)
    }
    assert.deepEqual(await manager.sessionsOf('nobody'), [])
  })

  state('a session that was logged out, or got another id, is not listed as it was', async (fixture) => {
    const manager = await fixture.manager()
    const [one, two] = [await login(manager, USER), await login(manager, USER, 'kept')]
    await one.visitor.visit(manager, (session) => session.logout())
    const id = await two.visitor.visit(manager, async (session) => {
      await session.regenerate()
      return session.id
    })
    const listed = await manager.sessionsOf(USER)
    assert.deepEqual(
      listed.map((session) => [session.id, session.label]),
      [[id, 'kept']],
    )
  })

  state('an entry whose session is gone is not listed', async (fixture) => {
    const manager = await fixture.manager()
    const [{ id }, other] = [await login(manager, USER), await login(manager, USER)]
    await manager.destroy(other.id)
    await manager.provider.destroy(id)
    assert.deepEqual(await manager.sessionsOf(USER), [])
  })

  state('ending all sessions of a user leaves those that are excepted, and other users theirs', async (fixture) => {
    const manager = await fixture.manager()
    const mine = await login(manager, USER)
    const [others, foreign] = [await parallel(3, () => login(manager, USER)), await login(manager, 'other')]
    assert.equal(await manager.logoutUser(USER, { except: mine.id }), 3)
    for (const { id } of others) assert.equal(await manager.provider.exist(id), false)
    for (const { id } of [mine, foreign]) assert.equal(await manager.provider.exist(id), true)
    assert.deepEqual(
      (await manager.sessionsOf(USER)).map(({ id }) => id),
      [mine.id],
    )
    assert.equal(await manager.logoutUser(USER), 1)
    assert.equal(await manager.logoutUser(USER), 0)
  })

  state('the records that say whose sessions these are, are not counted', async (fixture) => {
    const manager = await fixture.manager()
    await login(manager, USER)
    await login(manager, 'other')
    if (claims(manager.provider).count) assert.equal(await manager.count(), 2)
  })

  state(`${CROWD} parallel log-ins of one user are all listed`, async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, async (pace) => allListed(manager, `user ${Math.random()}`, pace))
  })

  state('ending all sessions while others log in leaves none alive that is not listed', async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, async (pace) => noneUnlisted(manager, `user ${Math.random()}`, pace))
  })
}

interface LoggedIn {
  readonly visitor: Visitor
  readonly id: string
}

async function login(manager: Manager, userId: string, label?: string): Promise<LoggedIn> {
  const visitor = new Visitor()
  const id = await visitor.visit(manager, async (session) => {
    await session.login(userId, label)
    return session.id
  })
  return { visitor, id }
}

async function allListed(manager: Manager, userId: string, pace: Pace): Promise<void> {
  const ids = await parallel(CROWD, async () => {
    await pace()
    return (await login(manager, userId)).id
  })
  const listed = await manager.sessionsOf(userId)
  assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(ids))
}

/** A log-in either ended itself, was ended, or began late enough to be listed. */
async function noneUnlisted(manager: Manager, userId: string, pace: Pace): Promise<void> {
  const before = await parallel(5, () => login(manager, userId))
  const during = parallel(10, async () => {
    await pace()
    return login(manager, userId).catch(() => undefined)
  })
  await pace()
  await manager.logoutUser(userId)
  for (const { id } of before) assert.equal(await manager.provider.exist(id), false)
  const late = await during
  const listed = new Set((await manager.sessionsOf(userId)).map(({ id }) => id))
  for (const session of late) {
    if (session && (await manager.provider.exist(session.id))) assert.ok(listed.has(session.id))
  }
}
