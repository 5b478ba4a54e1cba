/**
 * A session that ended is never brought back.
 * @module
 */
import assert from 'node:assert/strict'
import { SessionError } from '../errors.js'
import type { Manager } from '../manager.js'
import type { Provider } from '../provider.js'
import { onlyIfClaimed } from './fixture.js'
import { lifetimeFor } from './lifetime.js'
import { begin, get, newId, parallel, put, repeat, valueOf } from './steps.js'
import type { Pace, State } from './steps.js'
import { visitorWith } from './visitor.js'

/** Requests in flight while the session ends. */
const CROWD = 12
/** Those of them that write when it has ended. */
const LATE = 4

export function gone(state: State): void {
  afterTheEnd(state)
  inFlight(state)
}

function afterTheEnd(state: State): void {
  state('release after destroy resolves, and does not bring the session back', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'gone')
    await releasedTooLate(provider, provider)
  })

  state('release after another process destroyed the session does not bring it back', async (fixture) => {
    const [one, other] = await fixture.pair()
    onlyIfClaimed(one, 'gone')
    await releasedTooLate(one, other)
  })

  state('a flush released after destroy does not bring the session back', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'gone')
    const store = await get(provider, await begin(provider))
    await provider.destroy(store.id)
    store.flush()
    await store.release()
    assert.equal(await provider.exist(store.id), false)
  })

  state('refreshing the expiry after destroy does not bring the session back', async (fixture) => {
    const provider = await fixture.provider(lifetimeFor(fixture).seconds)
    onlyIfClaimed(provider, 'gone')
    const id = await begin(provider)
    await fixture.wait(lifetimeFor(fixture).seconds / 20) // long enough that core refreshes
    const store = await get(provider, id)
    await provider.destroy(id)
    await store.release()
    assert.equal(await provider.exist(id), false)
  })

  state('release after regenerate does not bring the old id back', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'gone')
    await releasedUnderOldId(provider, provider)
  })

  state('release after another process regenerated does not bring the old id back', async (fixture) => {
    const [one, other] = await fixture.pair()
    onlyIfClaimed(one, 'gone')
    await releasedUnderOldId(one, other)
  })

  state('a request that held an ended session writes over nothing in a new one of that id', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'gone')
    onlyIfClaimed(provider, 'merge')
    const id = await begin(provider, { who: 'earlier' })
    const held = await get(provider, id)
    await provider.destroy(id)
    await put(provider, id, { who: 'later', more: true })
    held.set('late', true)
    await held.release()
    const read = await get(provider, id)
    assert.deepEqual([read.get('who'), read.get('more')], ['later', true])
  })

  state('an update after destroy is an error, and stores nothing', async (fixture) => {
    const manager = await fixture.manager()
    const [visitor, id] = await visitorWith(manager, { n: 1 })
    const { session } = await visitor.open(manager)
    await manager.destroy(id)
    await assert.rejects(
      session.update<number>('n', (n) => (n ?? 0) + 1),
      hasCode('SESS_GONE'),
    )
    assert.equal(await manager.provider.exist(id), false)
  })
}

function inFlight(state: State): void {
  state('a log-out among requests in flight leaves the session ended', async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, (pace) => endedAmongRequests([manager], 'destroy', pace))
  })

  state('a log-out among requests in flight in two processes leaves the session ended', async (fixture) => {
    const managers = await fixture.managers()
    onlyIfClaimed(managers[0].provider, 'gone')
    await repeat(fixture, (pace) => endedAmongRequests(managers, 'destroy', pace))
  })

  state('a log-in among requests in flight leaves the old id dead', async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, (pace) => endedAmongRequests([manager], 'regenerate', pace))
  })

  state('a log-in among requests in flight in two processes leaves the old id dead', async (fixture) => {
    const managers = await fixture.managers()
    onlyIfClaimed(managers[0].provider, 'gone')
    await repeat(fixture, (pace) => endedAmongRequests(managers, 'regenerate', pace))
  })
}

async function releasedTooLate(one: Provider, other: Provider): Promise<void> {
  const id = await begin(one)
  const store = await get(one, id)
  store.set('late', true)
  await other.destroy(id)
  await store.release()
  assert.equal(await one.exist(id), false)
  store.set('later', true)
  await store.release()
  assert.equal(await other.exist(id), false)
}

async function releasedUnderOldId(one: Provider, other: Provider): Promise<void> {
  const id = await begin(one, { n: 1 })
  const held = await get(one, id)
  const moved = await other.regenerate(id, newId())
  held.set('n', 'late')
  await held.release()
  assert.equal(await one.exist(id), false)
  assert.equal(await valueOf(one, moved.id, 'n'), 1)
}

/** All requests are open before the session ends; they write around the end, the last after it. */
async function endedAmongRequests(managers: Manager[], end: 'destroy' | 'regenerate', pace: Pace): Promise<void> {
  const [visitor, id] = await visitorWith(managers[0]!, { user: 7 })
  const ending = await visitor.open(managers[0]!)
  const visits = await parallel(CROWD, (i) => visitor.open(managers[i % managers.length]!))
  const write = async (i: number): Promise<void> => {
    await pace()
    visits[i]!.session.set(`key${i}`, i)
    await visits[i]!.finish()
  }
  const endIt = async (): Promise<boolean> => {
    await pace()
    await ending.session[end]()
    await ending.finish()
    return managers[0]!.provider.exist(id)
  }
  const [isAlive] = await Promise.all([endIt(), parallel(CROWD - LATE, write)])
  assert.equal(isAlive, false, `the id is alive right after ${end}`)
  await parallel(LATE, (i) => write(CROWD - LATE + i))
  assert.equal(await managers[0]!.provider.exist(id), false, 'a request in flight brought the id back')
}

const hasCode =
  (code: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof SessionError)
    assert.equal(error.code, code)
    return true
  }
