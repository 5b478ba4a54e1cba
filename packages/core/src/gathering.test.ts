import { describe, expect, it } from 'vitest'
import { Gathering } from './gathering.js'

function gathering(fits?: (items: readonly string[], item: string) => boolean): {
  asked: string[][]
  loads: Gathering<string, string>
} {
  const asked: string[][] = []
  const answer = async (id: string): Promise<string> => {
    if (id === 'bad') throw new Error('away')
    return `row of ${id}`
  }
  const run = (ids: readonly string[]): Promise<string>[] => {
    asked.push([...ids])
    return ids.map(answer)
  }
  return { asked, loads: new Gathering(run, fits) }
}

describe('a gathering', () => {
  it('asks together for what is asked for in one turn, and gives each its own answer', async () => {
    const { asked, loads } = gathering()
    const answers = await Promise.all(['a', 'b', 'a'].map((id) => loads.ask(id)))
    expect(answers).toEqual(['row of a', 'row of b', 'row of a'])
    expect(asked).toEqual([['a', 'b', 'a']])
  })

  it('asks again for what is asked for later', async () => {
    const { asked, loads } = gathering()
    await loads.ask('a')
    await loads.ask('a')
    expect(asked).toEqual([['a'], ['a']])
  })

  it('asks for 64 at a time', async () => {
    const { asked, loads } = gathering()
    await Promise.all(Array.from({ length: 150 }, (_, i) => loads.ask(`id${i}`)))
    expect(asked.map(({ length }) => length)).toEqual([64, 64, 22])
  })

  it('begins anew with what does not fit', async () => {
    const { asked, loads } = gathering((ids, id) => !ids.includes(id))
    const answers = await Promise.all(['a', 'b', 'a', 'c'].map((id) => loads.ask(id)))
    expect(answers).toEqual(['row of a', 'row of b', 'row of a', 'row of c'])
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ])
  })

  it('tells a failure to whom it concerns, and starts anew', async () => {
    const { loads } = gathering()
    const outcomes = await Promise.allSettled([loads.ask('bad'), loads.ask('a')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await loads.ask('a')).toBe('row of a')
  })
})
