/**
 * Requests in parallel: nobody's change is lost.
 * @module
 */
import assert from 'node:assert/strict'
import type { Manager } from '../manager.js'
import type { Provider, RawStore } from '../provider.js'
import type { Session } from '../session.js'
import { onlyIfClaimed, onlyIfMadeOfStorage } from './fixture.js'
import { begin, get, parallel, repeat, valueOf } from './steps.js'
import type { Pace, State } from './steps.js'
import type { Visitor } from './visitor.js'
import { visitorWith } from './visitor.js'

/** Requests in parallel. */
const CROWD = 50

export function merging(state: State): void {
  state('two requests that change different keys both keep their change', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'merge')
    await bothKeep(provider, provider)
  })

  state('two processes that change different keys both keep their change', async (fixture) => {
    const [one, other] = await fixture.pair()
    onlyIfClaimed(one, 'merge')
    await bothKeep(one, other)
  })

  state('of two requests that set one key the later release wins', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { n: 0 })
    const [early, late] = [await get(provider, id), await get(provider, id)]
    early.set('n', 'early')
    late.set('n', 'late')
    await early.release()
    await late.release()
    assert.equal(await valueOf(provider, id, 'n'), 'late')
  })

  state('a key that one request deleted stays deleted when another one sets another key', async (fixture) => {
    await afterBoth(await claimed(fixture.provider()), (one) => one.delete('a'), { a: undefined, b: 2, c: 3 })
  })

  state('a flush removes the keys there were, not one that another request sets', async (fixture) => {
    await afterBoth(await claimed(fixture.provider()), (one) => one.flush(), { a: undefined, b: undefined, c: 3 })
  })

  crowds(state)
}

/** Races, run by managers, as the requests of a server are. What a provider can't merge, the manager does in a process. */
function crowds(state: State): void {
  state(`${CROWD} parallel requests of one process that set a key each lose none`, async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, (pace) => setsInParallel([manager], pace))
  })

  state(`${CROWD} parallel requests of two processes that set a key each lose none`, async (fixture) => {
    const managers = await fixture.managers()
    onlyIfClaimed(managers[0].provider, 'merge')
    await repeat(fixture, (pace) => setsInParallel(managers, pace))
  })

  state(`${CROWD} parallel updates of a counter in one process end at ${CROWD}`, async (fixture) => {
    const manager = await fixture.manager()
    await repeat(fixture, (pace) => countsInParallel([manager], pace))
  })

  state(`${CROWD} parallel updates of a counter in two processes end at ${CROWD}`, async (fixture) => {
    const managers = await fixture.managers()
    onlyIfMadeOfStorage(await fixture.provider())
    await repeat(fixture, (pace) => countsInParallel(managers, pace))
  })
}

async function claimed(opening: Promise<Provider>): Promise<Provider> {
  const provider = await opening
  onlyIfClaimed(provider, 'merge')
  return provider
}

/** Released one after the other, and at once. */
async function bothKeep(one: Provider, other: Provider): Promise<void> {
  const id = await begin(one, { kept: 0 })
  const [a, b, c] = [await get(one, id), await get(other, id), await get(one, id)]
  a.set('a', 1)
  b.set('b', 2)
  c.set('c', 3)
  await a.release()
  await Promise.all([b.release(), c.release()])
  const read = await get(one, id)
  const kept = Object.fromEntries(['kept', 'a', 'b', 'c'].map((key) => [key, read.get(key)]))
  assert.deepEqual(kept, { kept: 0, a: 1, b: 2, c: 3 })
}

/** One request changes and releases, then one that was there before sets `c`. */
async function afterBoth(
  provider: Provider,
  change: (store: RawStore) => void,
  expected: Record<string, unknown>,
): Promise<void> {
  const id = await begin(provider, { a: 1, b: 2 })
  const [one, other] = [await get(provider, id), await get(provider, id)]
  change(one)
  await one.release()
  other.set('c', 3)
  await other.release()
  const read = await get(provider, id)
  assert.deepEqual({ a: read.get('a'), b: read.get('b'), c: read.get('c') }, expected)
}

async function setsInParallel(managers: Manager[], pace: Pace): Promise<void> {
  const [visitor] = await visitorWith(managers[0]!, { kept: true })
  await crowd(visitor, managers, pace, async (session, i) => session.set(`key${i}`, i))
  const keys = await visitor.visit(managers[0]!, (session) => session.keys())
  const expected = ['kept', ...Array.from({ length: CROWD }, (_, i) => `key${i}`)]
  const lost = expected.filter((key) => !keys.includes(key))
  assert.equal(lost.length, 0, `lost ${lost.length} of ${expected.length} keys: ${lost.join(', ')}`)
}

async function countsInParallel(managers: Manager[], pace: Pace): Promise<void> {
  const [visitor] = await visitorWith(managers[0]!, { n: 0 })
  await crowd(visitor, managers, pace, async (session) => void (await session.update<number>('n', (n) => (n ?? 0) + 1)))
  const counted = await visitor.visit(managers[0]!, (session) => session.get('n'))
  assert.equal(counted, CROWD, `${CROWD} parallel updates ended at ${String(counted)}`)
}

/**
 * All requests are open before the first one commits; half of them commit at the given pace, and when they are done
 * the others, so that these for certain hold what is no longer there.
 */
async function crowd(
  visitor: Visitor,
  managers: Manager[],
  pace: Pace,
  change: (session: Session, i: number) => Promise<void>,
): Promise<void> {
  const visits = await parallel(CROWD, (i) => visitor.open(managers[i % managers.length]!))
  const finish = async (i: number): Promise<void> => {
    await pace()
    await change(visits[i]!.session, i)
    await visits[i]!.finish()
  }
  await parallel(CROWD / 2, finish)
  await parallel(CROWD / 2, (i) => finish(i + CROWD / 2))
}
