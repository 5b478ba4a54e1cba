import { describe, expect, it } from 'vitest'
import { BoundedMap } from './bounded-map.js'

describe('BoundedMap', () => {
  it('holds the last half for certain and never more than all', () => {
    const map = new BoundedMap<number>(10)
    for (let n = 0; n < 1000; n++) {
      map.set(`key${n}`, n)
      for (let back = 0; back < 5 && back <= n; back++) expect(map.get(`key${n - back}`)).toBe(n - back)
      const held = Array.from({ length: n + 1 }, (_, i) => map.get(`key${i}`)).filter((value) => value !== undefined)
      expect(held.length).toBeLessThanOrEqual(10)
    }
  })

  it('gives the last value of a key, and none for one that was deleted, whichever half it is in', () => {
    const map = new BoundedMap<number>(4)
    for (const key of ['a', 'b', 'c']) map.set(key, 1)
    map.set('a', 2)
    expect(map.get('a')).toBe(2)
    map.delete('a')
    map.delete('b')
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, undefined, 1])
    map.clear()
    expect(map.get('c')).toBeUndefined()
  })

  it('counts what each value weighs, and keeps none that is too much for a half', () => {
    const map = new BoundedMap<string>(10, (text) => text.length)
    map.set('a', 'xxx')
    map.set('a', 'x')
    map.set('b', 'xxxx')
    map.set('c', 'xxxxxx')
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual(['x', 'xxxx', undefined])
    map.set('a', 'xxxxxx')
    expect(map.get('a')).toBeUndefined()
  })
})
