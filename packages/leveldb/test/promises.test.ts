import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manager, Storage } from '@sess/core'
import { createManager, Turns } from '@sess/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ledisLayout } from '../../provider-ledis/src/layout.js'
import { openLevelStorage } from '../src/index.js'
import { begin } from '../../../tools/testing/begin.js'
import { rounds } from '../../../tools/testing/rounds.js'
import { moment, read } from './support/visits.js'
import { newFolder, subjects } from './support/subjects.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))

const numbers = Array.from({ length: 50 }, (_, n) => n)

/** Milliseconds of a race at most. */
const TIME = 5000
/** The races are the engine's, so the second layout is only looked at. */
const cases = subjects.map((subject) => ({
  ...subject,
  bounds: { wanted: subject.name === 'ledis' ? 1000 : 100, time: TIME },
}))

describe.each(cases)('parallel requests of two managers on one directory of $name', ({ name, open, bounds }) => {
  let managers: Manager[]
  beforeAll(() => {
    const directory = join(folder, name)
    managers = [createManager({ provider: open(directory) }), createManager({ provider: open(directory) })]
  })
  afterAll(async () => {
    for (const manager of managers) await manager.close()
  })
  const managerOf = (n: number): Manager => managers[n % 2]!

  /** One request that changes one key, slowly. */
  async function set(manager: Manager, cookie: string, key: string): Promise<void> {
    const session = await read(manager, cookie)
    await moment()
    if (!session.isNew) session.set(key, key)
    await moment()
    await session.release()
  }

  it('lose none of 50 changes of different keys', async () => {
    const round = async (): Promise<number> => {
      const cookie = await begin(managerOf(0))
      await managerOf(1).ready()
      await Promise.all(numbers.map((n) => set(managerOf(n), cookie, `key${n}`)))
      const session = await read(managerOf(1), cookie)
      return numbers.filter((n) => session.get(`key${n}`) !== `key${n}`).length
    }
    expect(await rounds(`${name}: lost of 50`, bounds, round)).toBe(0)
  })

  it('count to 50 by 50 updates of one key', async () => {
    const round = async (): Promise<number> => {
      const cookie = await begin(managerOf(0), { n: 0 })
      const increment = async (n: number): Promise<void> => {
        const session = await read(managerOf(n), cookie)
        await moment()
        await session.update<number>('n', (value) => (value ?? 0) + 1)
      }
      await Promise.all(numbers.map(increment))
      return 50 - ((await read(managerOf(1), cookie)).get('n') as number)
    }
    expect(await rounds(`${name}: lost increments of 50`, bounds, round)).toBe(0)
  })

  it.each(['destroy', 'regenerate'] as const)('do not bring back a session after %s', async (end) => {
    const round = async (): Promise<number> => {
      const cookie = await begin(managerOf(0))
      const { id } = await read(managerOf(1), cookie)
      const writers = [0, 1, 2, 3, 4].map((n) => set(managerOf(n), cookie, `key${n}`))
      await moment()
      if (end === 'destroy') await managerOf(0).destroy(id)
      else await managerOf(0).regenerate(id, managerOf(0).newIdentity().id)
      await Promise.all(writers)
      return (await managerOf(1).provider.exist(id)) ? 1 : 0
    }
    expect(await rounds(`${name}: back after ${end}`, bounds, round)).toBe(0)
  })
})

describe('of 20 parallel saves on one version', () => {
  const directory = join(folder, 'guard')
  const stores: Storage[] = []
  beforeAll(async () => {
    for (const _ of [0, 1]) {
      const options = { provider: 'ledis', directory, layout: ledisLayout(0), sync: false }
      stores.push(await openLevelStorage(options, { clock: Date.now }))
    }
  })
  afterAll(async () => {
    for (const store of stores) await store.close!()
  })
  afterEach(() => vi.restoreAllMocks())

  const tooMany = async (n: number): Promise<number> => {
    const id = `guard-${n}-${Math.random().toString(36).slice(2)}`
    await stores[0]!.save(id, '{\n}', 60, undefined, 'first')
    const saves = numbers.slice(0, 20).map(async (i) => stores[i % 2]!.save(id, '{\n}', 60, 'first', `next${i}`))
    return (await Promise.all(saves)).filter((version) => version !== false).length - 1
  }

  it('one writes', async () => {
    expect(await rounds('saves too many of 20', { wanted: 1000, time: TIME }, tooMany)).toBe(0)
  })

  it('several write when they do not wait for their turn, which is what the guard is for', async () => {
    vi.spyOn(Turns.prototype, 'run').mockImplementation((_ids, fn) => fn())
    expect(await rounds('saves too many of 20 without the guard', { wanted: 20, time: TIME }, tooMany)).toBeGreaterThan(
      20,
    )
  })
})
