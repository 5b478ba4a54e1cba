import { describe, expect, it } from 'vitest'
import { Spread } from '../src/spread.js'
import { newId } from './support.js'

const names = ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11211', '10.0.0.4:11211', '10.0.0.5:11211']
const keys = Array.from({ length: 20_000 }, newId)
const placed = (servers: string[]): string[] => {
  const spread = new Spread(servers)
  return keys.map((key) => servers[spread.indexOf(key)]!)
}
const share = (holds: (i: number) => boolean): number => keys.filter((_, i) => holds(i)).length / keys.length

describe('keys on several servers', () => {
  it('are spread evenly', () => {
    for (const count of [1, 2, 3, 4, 5]) {
      const servers = names.slice(0, count)
      const places = placed(servers)
      for (const name of servers) expect(share((i) => places[i] === name)).toBeCloseTo(1 / count, 1)
    }
  })

  it('move to a new server, by its share, and nowhere else', () => {
    const [before, after] = [placed(names.slice(0, 4)), placed(names)]
    expect(share((i) => before[i] !== after[i])).toBeCloseTo(1 / 5, 1)
    expect(share((i) => before[i] !== after[i] && after[i] !== names[4])).toBe(0)
  })

  it('stay where they are when another server leaves, or the list has another order', () => {
    const [before, after] = [placed(names), placed(names.slice(1))]
    expect(share((i) => before[i] !== names[0] && before[i] !== after[i])).toBe(0)
    expect(placed([...names].reverse())).toEqual(before)
  })
})
