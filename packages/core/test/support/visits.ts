import { begin } from '../../../../tools/testing/begin.js'
import type { Manager } from '../../src/index.js'

/** Between two steps of a request, so that requests mix in another order each time. */
const moment = (max = 3): Promise<void> => new Promise((done) => setTimeout(done, Math.random() * max))

/** One request that changes one key, slowly. */
export async function setSlowly(manager: Manager, cookie: string, key: string, value: unknown): Promise<void> {
  const session = await manager.read({ headers: { cookie } })
  await moment()
  if (!session.isNew) session.set(key, value)
  await moment()
  await session.release()
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
export const keysOf = (from: number, to: number): string[] => range(from, to).map((n) => `key${n}`)

/** 50 parallel requests, each setting another key: how many were lost. */
export async function lostOf50(manager: Manager): Promise<number> {
  const cookie = await begin(manager)
  await Promise.all(keysOf(0, 50).map((key) => setSlowly(manager, cookie, key, key)))
  return countMissing(manager, cookie, keysOf(0, 50))
}

export async function countMissing(manager: Manager, cookie: string, keys: string[]): Promise<number> {
  const session = await manager.read({ headers: { cookie } })
  return keys.filter((key) => session.get(key) !== key).length
}

/** 50 parallel increments: how many were lost. */
export async function lostIncrements(manager: Manager): Promise<number> {
  const cookie = await begin(manager, { n: 0 })
  await Promise.all(range(0, 50).map(() => incrementSlowly(manager, cookie)))
  const session = await manager.read({ headers: { cookie } })
  return 50 - (session.get('n') as number)
}

async function incrementSlowly(manager: Manager, cookie: string): Promise<void> {
  const session = await manager.read({ headers: { cookie } })
  await moment()
  await session.update<number>('n', (n) => (n ?? 0) + 1)
}

/** A log-out (or another way in which an id dies) with slow writers in flight: 1 when the session is back. */
export async function backFromTheDead(manager: Manager, end: 'destroy' | 'regenerate'): Promise<number> {
  const cookie = await begin(manager)
  const id = (await manager.read({ headers: { cookie } })).id
  const writers = keysOf(0, 5).map((key) => setSlowly(manager, cookie, key, key))
  await moment()
  if (end === 'destroy') await manager.destroy(id)
  else await manager.regenerate(id, manager.newIdentity().id)
  await Promise.all(writers)
  return (await manager.provider.exist(id)) ? 1 : 0
}
