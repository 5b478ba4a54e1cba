import { describe, expect, it } from 'vitest'
import type { Answer, Database, Save, Statement } from './database.js'
import { SharedSaves } from './shared-saves.js'

const save = (id: string, bytes = 1): Save => ({ id, data: Buffer.alloc(bytes), ttl: 600 })

/** @param respond what the database says to a shared statement about those ids */
function sharedSaves(respond: (ids: readonly string[]) => Partial<Answer> | Error): {
  shared: string[][]
  alone: [string, boolean][]
  outcomes: (...saves: Save[]) => Promise<unknown[]>
} {
  const shared: string[][] = []
  const alone: [string, boolean][] = []
  const database: Database = {
    run: async ({ values }): Promise<Answer> => {
      const answer = respond(values as string[])
      if (answer instanceof Error) throw answer
      return { rows: [], changed: 0, repeated: false, ...answer }
    },
    runUnhurried: () => Promise.reject(new Error('no request asks for it')),
    isDuplicate: () => false,
    isRefused: (error) => (error as Error).message === 'refused',
    close: async () => undefined,
  }
  const saves = new SharedSaves<Save>(
    { database, maxBytes: 100_000 },
    {
      groupsOf: (group) => [group],
      together: (all): Statement => {
        shared.push(all.map(({ id }) => id))
        return { text: '', values: all.map(({ id }) => id) }
      },
      repeatable: true,
      alone: async ({ id }, repeated) => {
        alone.push([id, repeated])
        return id !== 'stale'
      },
    },
  )
  const outcomes = async (...all: Save[]): Promise<unknown[]> => {
    const settled = await Promise.allSettled(all.map((one) => saves.save(one)))
    return settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))
  }
  return { shared, alone, outcomes }
}

const all = (ids: readonly string[]): Partial<Answer> => ({ changed: ids.length })

describe('saves of one turn', () => {
  it('share a statement, in the order of their ids', async () => {
    const { shared, alone, outcomes } = sharedSaves(all)
    expect(await outcomes(save('b'), save('c'), save('a'))).toEqual([true, true, true])
    expect([shared, alone]).toEqual([[['a', 'b', 'c']], []])
  })

  it('share none where there is one', async () => {
    const { shared, alone, outcomes } = sharedSaves(all)
    expect(await outcomes(save('a'))).toEqual([true])
    expect([shared, alone]).toEqual([[], [['a', false]]])
  })

  it('of one id go into several statements', async () => {
    const { shared, alone, outcomes } = sharedSaves(all)
    expect(await outcomes(save('a'), save('b'), save('a'), save('b'), save('a'))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
    expect([shared, alone]).toEqual([
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      [['a', false]],
    ])
  })

  it('share as many as the bytes allow', async () => {
    const { shared, alone, outcomes } = sharedSaves(all)
    await outcomes(save('a', 40_000), save('b', 40_000), save('c', 40_000), save('d', 40_000), save('e', 90_000))
    expect([shared, alone]).toEqual([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [['e', false]],
    ])
  })

  it('are made alone where the answer does not name them', async () => {
    const { alone, outcomes } = sharedSaves(() => ({ changed: 2, rows: [['a  '], ['b']] }))
    expect(await outcomes(save('a'), save('stale'), save('c'), save('b'))).toEqual([true, false, true, true])
    expect(alone).toEqual([
      ['c', false],
      ['stale', false],
    ])
  })

  it('are made alone as repeated where an answer was lost, or names nobody', async () => {
    for (const answer of [{ repeated: true }, { changed: 1 }]) {
      const { alone, outcomes } = sharedSaves(() => answer)
      expect(await outcomes(save('a'), save('stale'))).toEqual([true, false])
      expect(alone).toEqual([
        ['a', true],
        ['stale', true],
      ])
    }
  })

  it('are made alone where the server refuses the statement, as after a deadlock', async () => {
    const { alone, outcomes } = sharedSaves(() => new Error('refused'))
    expect(await outcomes(save('a'), save('stale'))).toEqual([true, false])
    expect(alone).toEqual([
      ['a', true],
      ['stale', true],
    ])
  })

  it('all fail where the server is away, and go on afterwards', async () => {
    let isAway = true
    const { alone, outcomes } = sharedSaves((ids) => (isAway ? new Error('away') : all(ids)))
    expect(await outcomes(save('a'), save('b'))).toEqual(['away', 'away'])
    isAway = false
    expect(await outcomes(save('a'), save('b'))).toEqual([true, true])
    expect(alone).toEqual([])
  })
})
