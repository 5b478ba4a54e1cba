import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Loaded, Storage } from '@sess/core'
import { Turns } from '@sess/core'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ledisLayout } from '../../provider-ledis/src/layout.js'
import { DirectLevel } from '../src/direct-level.js'
import { openLevelStorage } from '../src/index.js'
import { rounds } from '../../../tools/testing/rounds.js'
import { newFolder } from './support/subjects.js'
import { moment } from './support/visits.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

const TTL = 600
/** Milliseconds of a race at most. */
const TIME = 15_000
const many = Array.from({ length: 50 }, (_, n) => `session-${n}`)
/** A text that is not kept in memory, so that each load reads. */
const long = (n: number): string => `{\n"n":${n},\n"filler":"${'x'.repeat(70_000)}"\n}`

let directories = 0
let directory: string
let now: number
let stores: Storage[]
beforeEach(() => {
  directory = join(folder, String(directories++))
  now = Date.now()
  stores = []
})
afterEach(async () => {
  for (const store of stores) await store.close!()
})

async function open({ sync = false } = {}): Promise<Storage> {
  const options = { provider: 'ledis', directory, layout: ledisLayout(0), sync }
  const store = await openLevelStorage(options, { clock: () => now })
  stores.push(store)
  return store
}

const saveAll = (store: Storage, data = '{\n}'): Promise<unknown[]> =>
  Promise.all(many.map(async (id) => store.save(id, data, TTL, undefined, 'first')))

describe('sessions that are changed in parallel', () => {
  it('share batches', async () => {
    const store = await open()
    const write = vi.spyOn(DirectLevel.prototype, 'write')
    const read = vi.spyOn(DirectLevel.prototype, 'getMany')
    expect(await saveAll(store, long(0))).toEqual(many.map(() => 'first'))
    expect(write.mock.calls.flatMap(([changes]) => changes.flat())).toHaveLength(3 * many.length)
    // 1 of 70 KB, then 15 in a batch
    expect(write.mock.calls.length).toBeLessThan(15)
    read.mockClear()
    await Promise.all(many.map(async (id) => store.load(id)))
    expect(read.mock.calls.flatMap(([keys]) => keys)).toHaveLength(2 * many.length)
    expect(read.mock.calls.length).toBeLessThan(10)
  })

  it('wait for the disk if one of them shall', async () => {
    const [store, careful] = [await open(), await open({ sync: true })]
    const write = vi.spyOn(DirectLevel.prototype, 'write')
    await Promise.all(many.map(async (id, n) => (n === 30 ? careful : store).save(id, '{\n}', TTL, undefined, 'first')))
    const withIt = write.mock.calls.find(([changes]) => JSON.stringify(changes).includes(valueOf('session-30')))
    expect(withIt![0].length).toBeGreaterThan(1)
    expect(withIt![1]).toBe(true)
    await store.save('alone', '{\n}', TTL, undefined, 'first')
    expect(write.mock.lastCall![1]).toBe(false)
  })

  it('are each told when their batch fails; none of it is there, and those behind it are saved', async () => {
    const store = await open()
    await saveAll(store)
    const write = vi.spyOn(DirectLevel.prototype, 'write').mockImplementationOnce(async () => {
      await moment()
      throw new Error('the disk is full')
    })
    const close = vi.spyOn(DirectLevel.prototype, 'close')
    const first = store.save('a', '{\n}', TTL, undefined, 'first')
    const behind = ['b', 'c', 'd'].map(async (id) => store.save(id, '{\n}', TTL, undefined, 'first'))
    await expect(first).rejects.toThrow('the disk is full')
    expect(await Promise.all(behind)).toEqual(['first', 'first', 'first'])
    expect(close).toHaveBeenCalledTimes(1) // and opened anew for those behind
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => store.exists(id)))).toEqual([
      false,
      true,
      true,
      true,
    ])

    write.mockRejectedValueOnce(new Error('the disk is full again'))
    const changes = many.map(async (id) => store.save(id, '{\n"n":1\n}', TTL, 'first', 'second'))
    const outcomes = await Promise.allSettled(changes)
    const failed = outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [many[n]!] : []))
    expect(failed.length).toBeGreaterThan(0)
    for (const id of many) {
      const { version } = (await store.load(id)) as Loaded
      expect(version).toBe(failed.includes(id) ? 'first' : 'second')
    }
  })

  it('are saved when the manager closes meanwhile, and the directory is free then', async () => {
    const store = await open()
    const saves = saveAll(store)
    const reads = Promise.all(many.map(async (id) => store.load(id)))
    await store.close!()
    expect(await saves).toEqual(many.map(() => 'first'))
    expect((await reads).filter(Boolean)).toHaveLength(many.length)
    await expect(store.exists('session-0')).rejects.toMatchObject({ code: 'SESS_CLOSED', provider: 'ledis' })
    const again = await open()
    expect(await again.count()).toBe(many.length)
  })
})

describe('whoever reads after a change was acknowledged', () => {
  /** Short ones are read from memory, long ones from LevelDB; each is saved, refreshed, moved and removed. */
  async function outdated(store: Storage, round: number): Promise<number> {
    let faults = 0
    const visit = async (n: number): Promise<void> => {
      let id = `${round}-${n}`
      let [count, isThere] = [0, false]
      const change = async (): Promise<void> => {
        for (let step = 0; step < 8; step++) {
          const dice = Math.random()
          if (!isThere || dice < 0.6) {
            const text = n % 2 === 0 ? long(count + 1) : `{\n"n":${count + 1}\n}`
            const saved = await store.save(id, text, TTL, isThere ? `${count}` : undefined, `${count + 1}`)
            if (saved === false) faults++
            isThere = true
            count++
          } else if (dice < 0.75) await store.touch(id, TTL + step)
          else if (dice < 0.9) {
            const to = `${id}x`
            await store.rename(id, to, TTL)
            id = to
          } else {
            await store.remove(id)
            isThere = false
          }
          if (Math.random() < 0.3) await moment(1)
        }
      }
      let isOver = false
      const look = async (): Promise<void> => {
        while (!isOver) {
          const acknowledged = count
          const loaded = await store.load(id)
          if (loaded && Number(loaded.version) < acknowledged) faults++
          if (Math.random() < 0.3) await moment(1)
          else await new Promise((done) => setImmediate(done))
        }
      }
      const looks = [look(), look()]
      await change()
      isOver = true
      await Promise.all(looks)
      const last = await store.load(id)
      if (isThere ? last?.version !== `${count}` : last !== undefined) faults++
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => visit(n)))
    return faults
  }

  it('sees it, or a later one', async () => {
    const store = await open()
    expect(await rounds('outdated', { wanted: 200, time: TIME }, (round) => outdated(store, round))).toBe(0)
  })

  it('sees an older one where operations on one id do not wait for their turn, which is what the guard is for', async () => {
    vi.spyOn(Turns.prototype, 'run').mockImplementation((_ids, fn) => fn())
    const store = await open()
    expect(
      await rounds('outdated without the guard', { wanted: 20, time: TIME }, (round) => outdated(store, round)),
    ).toBeGreaterThan(0)
  })
})

describe('an expiry', () => {
  it('that hardly moved is not written with the next change, one that moved or got shorter is', async () => {
    const store = await open()
    const write = vi.spyOn(DirectLevel.prototype, 'write')
    const begun = (now = Math.ceil(now / 1000) * 1000)
    const saved = async (n: number, ttl = TTL): Promise<{ operations: number; left: number }> => {
      await store.save('a', '{\n}', ttl, n === 0 ? undefined : `${n}`, `${n + 1}`)
      const { expiresAt } = (await store.load('a')) as Loaded
      return { operations: write.mock.lastCall![0].flat().length, left: (expiresAt! - begun) / 1000 }
    }
    expect(await saved(0)).toEqual({ operations: 3, left: TTL })
    now += 9_000
    expect(await saved(1)).toEqual({ operations: 1, left: TTL })
    now += 1_000
    expect(await saved(2)).toEqual({ operations: 4, left: TTL + 10 })
    expect(await saved(3, TTL - 1)).toEqual({ operations: 4, left: TTL + 9 })
    expect(await saved(4, 2 * TTL)).toEqual({ operations: 4, left: 2 * TTL + 10 })
    now = begun + (2 * TTL + 10) * 1000
    expect(await store.load('a')).toBe(undefined)
    expect(await store.sweep!()).toBe(1)
    expect(await store.sweep!()).toBe(0)
  })
})

const valueOf = (id: string): string => JSON.stringify(ledisLayout(0).value(id)).slice(1, -1)
