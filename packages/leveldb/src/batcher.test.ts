import { describe, expect, it } from 'vitest'
import { Batcher } from './batcher.js'

/** Batches that end when the test says so. */
function held({ atOnce = 1, fullWeight = 100 } = {}) {
  const batches: { items: number[]; done: () => void; failed: (error: Error) => void }[] = []
  const batcher = new Batcher<number, string>({
    run: (items) =>
      new Promise((done, failed) => {
        batches.push({ items, done: () => done(items.map((item) => `${item} is done`)), failed })
      }),
    weightOf: (item) => item,
    fullWeight,
    atOnce,
  })
  return { batches, batcher, items: () => batches.map(({ items }) => items) }
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('a batcher', () => {
  it('lets the first go at once, and what comes meanwhile together, each with its own answer', async () => {
    const { batcher, batches, items } = held()
    const answers = Promise.all([1, 2, 3].map((n) => batcher.add(n)))
    expect(items()).toEqual([[1]])
    batches[0]!.done()
    await turn()
    expect(items()).toEqual([[1], [2, 3]])
    batches[1]!.done()
    expect(await answers).toEqual(['1 is done', '2 is done', '3 is done'])
    void batcher.add(4)
    expect(items()).toEqual([[1], [2, 3], [4]])
  })

  it('fills no batch further than the item that makes it full', async () => {
    const { batcher, batches, items } = held()
    for (const n of [1, 60, 40, 300, 5, 6]) void batcher.add(n)
    for (let n = 0; n < 4; n++) {
      batches[n]!.done()
      await turn()
    }
    expect(items()).toEqual([[1], [60, 40], [300], [5, 6]])
  })

  it('has several batches under way when another one is full, and never more than it may', async () => {
    const { batcher, batches, items } = held({ atOnce: 3 })
    for (const n of [1, 50, 49, 70, 30, 80, 20]) void batcher.add(n)
    expect(items()).toEqual([[1], [50, 49, 70], [30, 80]])
    batches[2]!.done()
    await turn()
    expect(items()).toEqual([[1], [50, 49, 70], [30, 80], [20]])
  })

  it('tells a failure to each of its batch, to nobody else, and goes on', async () => {
    const { batcher, batches } = held()
    const first = batcher.add(1)
    const second = [2, 3].map((n) => batcher.add(n))
    batches[0]!.done()
    await turn()
    const third = batcher.add(4)
    batches[1]!.failed(new Error('full'))
    const outcomes = await Promise.allSettled(second)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    batches[2]!.done()
    expect([await first, await third]).toEqual(['1 is done', '4 is done'])
  })
})
