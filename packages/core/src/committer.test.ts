import { describe, expect, it } from 'vitest'
import { Change } from './change.js'
import { baseOf, Committer } from './committer.js'
import { MemoryStorage } from './providers/memory.js'
import { StoredRecord } from './record.js'

const rules = { recordOf: (_id: string, text: string) => new StoredRecord(text), ttlOf: () => 60 }

const setting = (key: string): Change => {
  const change = new Change()
  change.set(key, 'true')
  return change
}

describe('Committer', () => {
  it('leaves a change that failed out of the attempts that follow', async () => {
    const storage = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
    storage.save('id', '{\n"begun":1\n}', 60, undefined, 'first')
    const base = baseOf(rules, 'id', storage.load('id')!)
    const save = storage.save.bind(storage)
    let saves = 0
    storage.save = (...args) => (++saves === 2 ? false : save(...args)) // the joined changes have to try twice
    const fickle = new Change()
    let calls = 0
    fickle.rewrite('n', () => {
      if (++calls === 1) throw new RangeError('not now')
      return '1'
    })
    const committer = new Committer(storage, rules, 5)
    const jobs = [setting('a'), fickle, setting('b')].map((change) => committer.commit('id', change, base, false))
    const [a, failed, b] = await Promise.allSettled(jobs)
    expect([a!.status, failed!.status, b!.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(saves).toBe(3)
    expect(JSON.parse(storage.load('id')!.data)).toEqual({ begun: 1, a: true, b: true })
  })

  it('stores nothing where every change of a new record failed', async () => {
    const storage = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
    const change = new Change()
    change.rewrite('n', () => {
      throw new RangeError('no')
    })
    await expect(new Committer(storage, rules, 5).commit('id', change, undefined, false)).rejects.toThrow(RangeError)
    expect(storage.exists('id')).toBe(false)
  })
})
