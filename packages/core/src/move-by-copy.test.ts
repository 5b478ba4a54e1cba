import { beforeEach, describe, expect, it } from 'vitest'
import type { Copying } from './move-by-copy.js'
import { moveByCopy } from './move-by-copy.js'
import { MemoryStorage } from './providers/memory.js'
import type { Version } from './storage.js'

/** Records in memory; what comes between the copy and the removal can be said. */
class Store implements Copying {
  readonly provider = 'there'
  readonly records = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
  between: (round: number) => unknown = () => undefined
  rounds = 0

  async load(id: string): ReturnType<Copying['load']> {
    return this.records.load(id)
  }

  async save(id: string, data: string, ttl: number, expected: Version | undefined, next: string) {
    return this.records.save(id, data, ttl, expected, next) as Version | false
  }

  async removeIf(id: string, version: Version): Promise<boolean | undefined> {
    await this.between(++this.rounds)
    const current = this.records.load(id)
    if (!current) return undefined
    if (current.version !== version) return false
    this.records.remove(id)
    return true
  }

  async remove(id: string): Promise<void> {
    this.records.remove(id)
  }

  textAt(id: string): string | undefined {
    return this.records.load(id)?.data
  }

  write(id: string, text: string): void {
    this.records.save(id, text, 60, this.records.load(id)?.version, `version of ${text}`)
  }
}

describe('moveByCopy', () => {
  let store: Store
  const move = (): Promise<boolean> => moveByCopy(store, 'old', 'new', 60)
  const texts = (): (string | undefined)[] => [store.textAt('old'), store.textAt('new')]
  beforeEach(() => {
    store = new Store()
    store.write('old', 'first')
  })

  it('moves a record', async () => {
    expect(await move()).toBe(true)
    expect(texts()).toEqual([undefined, 'first'])
  })

  it('gives false where there is none, and makes none', async () => {
    store.records.remove('old')
    expect(await move()).toBe(false)
    expect(texts()).toEqual([undefined, undefined])
  })

  it('copies anew what somebody saved meanwhile', async () => {
    store.between = (round) => round < 3 && store.write('old', `save ${round}`)
    expect(await move()).toBe(true)
    expect([store.rounds, ...texts()]).toEqual([3, undefined, 'save 2'])
  })

  it('gives up, and leaves no copy, where somebody saves each time', async () => {
    store.between = (round) => store.write('old', `save ${round}`)
    const error = { code: 'SESS_CONFLICT', provider: 'there', message: expect.stringContaining('100 times') as string }
    await expect(move()).rejects.toMatchObject(error)
    expect(texts()).toEqual(['save 100', undefined])
  })

  it.each([1, 2])('leaves no copy of a session that ended meanwhile, round %d', async (last) => {
    store.between = (round) => (round === last ? store.records.remove('old') : store.write('old', 'saved'))
    expect(await move()).toBe(false)
    expect(texts()).toEqual([undefined, undefined])
  })

  it('overwrites nothing', async () => {
    store.write('new', 'of somebody else')
    const error = { code: 'SESS_CONFLICT', provider: 'there', message: 'session new: the id is taken' }
    await expect(move()).rejects.toMatchObject(error)
    expect(texts()).toEqual(['first', 'of somebody else'])
  })

  it('leaves no copy where the removal fails, and tells why', async () => {
    store.between = () => Promise.reject(new Error('no answer'))
    await expect(move()).rejects.toThrow('no answer')
    expect(texts()).toEqual(['first', undefined])
  })

  it('tells why the removal failed also where the copy stays, since the store is away', async () => {
    store.between = () => Promise.reject(new Error('no answer'))
    store.remove = () => Promise.reject(new Error('away'))
    await expect(move()).rejects.toThrow('no answer')
  })
})
