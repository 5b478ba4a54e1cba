/**
 * A store that is away.
 * @module
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError } from '../errors.js'
import type { Manager } from '../manager.js'
import type { Fixture } from './fixture.js'
import { Skipped } from './fixture.js'
import { begin, newId } from './steps.js'
import type { State } from './steps.js'
import { Visitor, visitorWith } from './visitor.js'

/** Seconds that a manager gives the store in these sentences. */
const STORE_TIMEOUT = 1
/** Milliseconds for a call that answers at all. */
const PATIENCE = 1500
/** Milliseconds after which a store that is back must be in use again. */
const RECOVERY = 15_000

export function outage(state: State): void {
  state('a store that is away is an error within storeTimeout, never an absent session', async (fixture) => {
    const manager = await fixture.manager({ storeTimeout: STORE_TIMEOUT })
    const [visitor, id] = await visitorWith(manager, { user: 7 })
    const { session } = await visitor.open(manager)
    session.set('late', true)
    await whileAway(fixture, async () => {
      await Promise.all([
        isOutage('load', visitor.open(manager)),
        isOutage('release', session.release()),
        isOutage('destroy', manager.destroy(id)),
        isOutage('regenerate', manager.regenerate(id, manager.newIdentity().id)),
        isOutage('a new session', storeSomething(manager)),
      ])
    })
  })

  state('a provider whose store is away answers nothing, rather than that there is nothing', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider)
    await whileAway(fixture, async () => {
      await Promise.all([
        answersNothing('exist', provider.exist(id)),
        answersNothing('open', provider.open?.(id) ?? Promise.reject(new Error('no open'))),
        answersNothing('read', provider.read(id)),
        answersNothing('read of a new id', provider.read(newId())),
        answersNothing('destroy', provider.destroy(id)),
        answersNothing('regenerate', provider.regenerate(id, newId())),
        answersNothing('count', provider.count()),
      ])
    })
  })

  state('a store that is back is in use again, by itself', async (fixture) => {
    const manager = await fixture.manager({ storeTimeout: STORE_TIMEOUT })
    await storeSomething(manager)
    await whileAway(fixture, () => isOutage('a new session', storeSomething(manager)))
    await recovers(() => storeSomething(manager))
  })

  state('a manager that is started while the store is away works when it is back', async (fixture) => {
    const manager = await fixture.unopenedManager({ storeTimeout: STORE_TIMEOUT })
    await whileAway(fixture, () => isOutage('a new session', storeSomething(manager)))
    await recovers(() => storeSomething(manager))
  })
}

/** Takes the store away during `fn`. A rejection that nobody handles would end the process of an application. */
async function whileAway(fixture: Fixture, fn: () => Promise<unknown>): Promise<void> {
  const { outage: control } = fixture.options
  if (!control) throw new Skipped('no outage was given')
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    await control.stop()
    await fn()
    await sleep(10)
  } finally {
    await control.start()
    process.off('unhandledRejection', note)
  }
  assert.deepEqual(unhandled, [], 'a rejection was not handled')
}

async function storeSomething(manager: Manager): Promise<void> {
  const visitor = new Visitor()
  await visitor.visit(manager, (session) => session.set('n', 1))
  assert.equal(await visitor.visit(manager, (session) => session.get('n')), 1)
}

async function isOutage(doing: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await within(call).then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  const isRight = error instanceof SessionError && ['SESS_STORE', 'SESS_TIMEOUT'].includes(error.code)
  assert.ok(isRight, `${doing}: expected SESS_STORE or SESS_TIMEOUT within ${PATIENCE} ms, got ${String(error)}`)
}

/** An error, or no answer at all: the manager's timeout is for that. */
async function answersNothing(doing: string, call: Promise<unknown>): Promise<void> {
  const outcome = await within(call).then(
    (answer) => ({ answer }),
    () => undefined,
  )
  assert.equal(outcome, undefined, `${doing} resolved while the store was away`)
}

async function within(call: Promise<unknown>): Promise<unknown> {
  const timeout = sleep(PATIENCE).then(() => Promise.reject(new Error(`no answer in ${PATIENCE} ms`)))
  return Promise.race([call, timeout])
}

async function recovers(use: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + RECOVERY
  for (;;) {
    try {
      return await use()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}
