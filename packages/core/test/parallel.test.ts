import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Manager, Provider, Storage } from '../src/index.js'
import { createManager, defineProvider, file, memory } from '../src/index.js'
import { MemoryStorage } from '../src/providers/memory.js'
import { begin } from '../../../tools/testing/begin.js'
import { rounds } from '../../../tools/testing/rounds.js'
import { backFromTheDead, countMissing, keysOf, lostIncrements, lostOf50, setSlowly } from './support/visits.js'
import { Worker } from './support/worker.js'

vi.setConfig({ testTimeout: 60_000 })

const BOUNDS = { wanted: 1000, time: 3000 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-parallel-'))
})
afterAll(() => rm(folder, { recursive: true }))

const providers: [string, () => Provider][] = [
  ['memory', () => memory()],
  ['file', () => file({ path: join(folder, 'one') })],
]

describe.each(providers)('parallel requests of one process on %s', (name, provider) => {
  let manager: Manager
  beforeAll(() => {
    manager = createManager({ provider: provider() })
  })
  afterAll(() => manager.close())

  it('lose none of 50 changes of different keys', async () => {
    expect(await rounds(`${name}: lost of 50`, BOUNDS, () => lostOf50(manager))).toBe(0)
  })

  it('count to 50 by 50 updates of one key', async () => {
    expect(await rounds(`${name}: lost increments of 50`, BOUNDS, () => lostIncrements(manager))).toBe(0)
  })

  it.each(['destroy', 'regenerate'] as const)('do not bring back a session after %s', async (end) => {
    expect(await rounds(`${name}: back after ${end}`, BOUNDS, () => backFromTheDead(manager, end))).toBe(0)
  })
})

describe('parallel requests of two processes on file', () => {
  const workers: Worker[] = []
  let manager: Manager
  beforeAll(async () => {
    const path = join(folder, 'two')
    manager = createManager({ provider: file({ path }) })
    workers.push(await Worker.start(path), await Worker.start(path))
  })
  afterAll(async () => {
    for (const worker of workers) await worker.stop()
    await manager.close()
  })

  it('lose none of 50 changes of different keys', async () => {
    const round = async (): Promise<number> => {
      const cookie = await begin(manager)
      await Promise.all(workers.map((worker, i) => worker.ask('set', cookie, keysOf(i * 25, i * 25 + 25))))
      return countMissing(manager, cookie, keysOf(0, 50))
    }
    expect(await rounds('file, two processes: lost of 50', BOUNDS, round)).toBe(0)
  })

  it('count to 50 by 50 updates of one key', async () => {
    const round = async (): Promise<number> => {
      const cookie = await begin(manager, { n: 0 })
      await Promise.all(workers.map((worker) => worker.ask('increment', cookie, keysOf(0, 25))))
      return 50 - ((await manager.read({ headers: { cookie } })).get('n') as number)
    }
    expect(await rounds('file, two processes: lost increments of 50', BOUNDS, round)).toBe(0)
  })

  it('do not bring back a session after log-out', async () => {
    const round = async (): Promise<number> => {
      const cookie = await begin(manager)
      const { id } = await manager.read({ headers: { cookie } })
      const [writer, other] = workers
      await Promise.all([writer!.ask('set', cookie, keysOf(0, 10)), other!.ask('destroy', cookie, [])])
      return (await manager.provider.exist(id)) ? 1 : 0
    }
    expect(await rounds('file, two processes: back after log-out', BOUNDS, round)).toBe(0)
  })
})

describe('the tests above', () => {
  /** A storage that takes every save, whatever it holds, as most session stores do. */
  class Unguarded extends MemoryStorage {
    override save(...[id, data, ttl, , next]: Parameters<Storage['save']>): string {
      super.remove(id)
      super.save(id, data, ttl, undefined, next)
      return next
    }
  }
  const unguarded = (storage: Storage): Provider => defineProvider({ name: 'unguarded', open: () => storage })

  it('find lost changes and a session that comes back on a provider without the guard', async () => {
    const shared = new Unguarded(Number.POSITIVE_INFINITY, Date.now)
    const one = createManager({ provider: unguarded(shared) })
    const two = createManager({ provider: unguarded(shared) })
    const few = { ...BOUNDS, wanted: 20 }
    const round = async (): Promise<number> => {
      const cookie = await begin(one)
      await two.ready()
      await Promise.all(keysOf(0, 50).map((key, i) => setSlowly(i % 2 ? one : two, cookie, key, key)))
      return countMissing(one, cookie, keysOf(0, 50))
    }
    expect(await rounds('without the guard: lost of 50', few, round)).toBeGreaterThan(0)
    expect(
      await rounds('without the guard: back after destroy', few, () => backFromTheDead(one, 'destroy')),
    ).toBeGreaterThan(0)
  })
})
