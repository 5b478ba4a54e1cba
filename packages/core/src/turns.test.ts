import { describe, expect, it } from 'vitest'
import { Turns } from './turns.js'

const moment = (): Promise<void> => new Promise((done) => setTimeout(done, Math.random() * 3))

describe('turns', () => {
  it('of one id come one after the other, in the order in which they were asked for', async () => {
    const turns = new Turns()
    const seen: string[] = []
    const turn = (n: number): Promise<void> =>
      turns.run(['a'], async () => {
        seen.push(`${n} begins`)
        await moment()
        seen.push(`${n} ends`)
      })
    await Promise.all([0, 1, 2].map(turn))
    expect(seen).toEqual(['0 begins', '0 ends', '1 begins', '1 ends', '2 begins', '2 ends'])
  })

  it('of several ids wait for all of them, and never in a circle', async () => {
    const turns = new Turns()
    const busy = new Set<string>()
    const ids = ['a', 'b', 'c', 'd']
    const turn = (n: number): Promise<void> => {
      const some = ids.filter((_, i) => (n >> i) & 1)
      return turns.run(some, async () => {
        for (const id of some) expect(busy.has(id)).toBe(false)
        for (const id of some) busy.add(id)
        await moment()
        for (const id of some) busy.delete(id)
      })
    }
    await Promise.all(Array.from({ length: 200 }, (_, n) => turn(1 + ((n * 7) % 15))))
    expect(busy.size).toBe(0)
  })

  it('go on after one that failed, and give its error to whoever asked for it', async () => {
    const turns = new Turns()
    const failed = turns.run(['a'], async () => {
      await moment()
      throw new Error('no')
    })
    const next = turns.run(['a'], async () => 'yes')
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  it('are waited for by settled(), also those behind others and those that fail', async () => {
    const turns = new Turns()
    const over: string[] = []
    for (const id of ['a', 'a', 'b']) {
      void turns.run([id], async () => {
        await moment()
        over.push(id)
      })
    }
    const failed = turns.run(['c'], async () => {
      await moment()
      throw new Error('no')
    })
    failed.catch(() => over.push('c'))
    await turns.settled()
    expect(over.sort()).toEqual(['a', 'a', 'b', 'c'])
    await turns.settled()
  })
})
