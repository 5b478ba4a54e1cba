import { describe, expect, it } from 'vitest'
import { Gathering } from './gathering.js'

function gathering(): { asked: string[][]; loads: Gathering<string> } {
  const asked: string[][] = []
  const fetch = async (ids: readonly string[]): Promise<Map<string, string>> => {
    asked.push([...ids])
    if (ids.includes('bad')) throw new Error('away')
    return new Map(ids.filter((id) => id !== 'absent').map((id) => [id, `row of ${id}`]))
  }
  return { asked, loads: new Gathering(fetch) }
}

describe('a gathering', () => {
  it('fetches together what is asked for in one turn, each id once', async () => {
    const { asked, loads } = gathering()
    const answers = await Promise.all(['a', 'b', 'absent', 'a'].map((id) => loads.ask(id)))
    expect(answers).toEqual(['row of a', 'row of b', undefined, 'row of a'])
    expect(asked).toEqual([['a', 'b', 'absent']])
  })

  it('fetches again what is asked for later', async () => {
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

  it('tells all of a turn of its failure, and starts anew', async () => {
    const { loads } = gathering()
    const outcomes = await Promise.allSettled([loads.ask('bad'), loads.ask('a')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await loads.ask('a')).toBe('row of a')
  })
})
