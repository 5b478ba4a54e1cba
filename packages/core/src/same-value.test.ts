import { describe, expect, it } from 'vitest'
import { defaultCodec } from './codec.js'
import { copyOf, isAsStored } from './same-value.js'
import { JSON_VALUES } from './testing/sample-values.js'

const original = { n: 1, zero: 0, none: null, list: [1, 2, { x: 'y' }], inner: { a: 'b', c: true }, '': '', since: 'x' }
type Original = typeof original
const copy = (): Original => structuredClone(original)
const asAny = (value: unknown): Record<string, unknown> => value as Record<string, unknown>

/** What a handler may do to a value in its hands. Of those marked JSON's own encoder would show nothing. */
const CHANGES: Record<string, (value: Original) => void> = {
  'another number': (value) => void (value.n = 2),
  'another text deep inside': (value) => void (asAny(value.list[2])['x'] = 'z'),
  'a number that became a text': (value) => void (asAny(value)['n'] = '1'),
  'null that became undefined': (value) => void (asAny(value)['none'] = undefined),
  'null that became NaN (JSON shows nothing)': (value) => void (asAny(value)['none'] = Number.NaN),
  '0 that became -0 (JSON shows nothing)': (value) => void (value.zero = -0),
  'an object that became an array': (value) => void (asAny(value)['inner'] = []),
  'an array that became an object': (value) => void (asAny(value)['list'] = Object.assign({}, value.list)),
  'a text that became a String (JSON shows nothing)': (value) => void (asAny(value)['since'] = Object('x')),
  'another key': (value) => void (asAny(value)['more'] = 1),
  'another key without a value (JSON shows nothing)': (value) => void (asAny(value.inner)['more'] = undefined),
  'another key with a function (JSON shows nothing)': (value) => void (asAny(value.inner)['more'] = () => 1),
  'a key that is a symbol (JSON shows nothing)': (value) =>
    void ((value.inner as Record<symbol, unknown>)[Symbol()] = 1),
  'a key less': (value) => void Reflect.deleteProperty(value.inner, 'a'),
  'a key with another name': (value) => {
    Reflect.deleteProperty(value.inner, 'c')
    asAny(value.inner)['d'] = true
  },
  'a class instead of a plain object (JSON shows nothing)': (value) =>
    void Object.setPrototypeOf(value.inner, Map.prototype),
  'no prototype (JSON shows nothing)': (value) => void Object.setPrototypeOf(value.inner, null),
  'an array of a class (JSON shows nothing)': (value) =>
    void Object.setPrototypeOf(value.list, class extends Array {}.prototype as object),
  'an array with a property (JSON shows nothing)': (value) => void (asAny(value.list)['name'] = 1),
  'a longer array': (value) => void value.list.push(3),
  'a longer array with holes': (value) => void (value.list.length = 4),
  'a shorter array': (value) => void value.list.pop(),
  'a hole': (value) => void Reflect.deleteProperty(value.list, 1),
  'a cycle': (value) => void (asAny(value.inner)['a'] = value),
  'what has toJSON (JSON shows nothing)': (value) => void (asAny(value)['since'] = { toJSON: () => 'x' }),
}

describe('isAsStored', () => {
  it.each(Object.entries(JSON_VALUES))('knows %s again', (_what, value) => {
    const text = defaultCodec.encode(value, 'key')
    expect(isAsStored(defaultCodec.decode(text, 'key'), defaultCodec.decode(text, 'key'))).toBe(true)
  })

  it.each([
    () => new Date(0),
    () => new Map(),
    () => new Set(),
    () => Uint8Array.of(1),
    () => new URL('http://a/'),
    () => /x/,
    () => Object.create(null) as object,
  ])('leaves %s to the codec', (make) => {
    expect(isAsStored(make(), make())).toBe(false)
    expect(isAsStored({ in: make() }, { in: make() })).toBe(false)
  })

  it.each(Object.entries(CHANGES))('notices %s', (_what, change) => {
    const value = copy()
    expect(isAsStored(value, copy())).toBe(true)
    change(value)
    expect(isAsStored(value, copy())).toBe(false)
  })

  it.each(Object.entries(CHANGES))('notices by a copy %s', (_what, change) => {
    const value = copy()
    const asItWas = copyOf(value, 100)
    expect(isAsStored(value, asItWas)).toBe(true)
    change(value)
    expect(isAsStored(value, asItWas)).toBe(false)
  })

  it('gives up on what is nested deeper than a session can hold', () => {
    const nested = (): unknown => JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)
    expect(isAsStored(nested(), nested())).toBe(false)
  })
})

describe('copyOf', () => {
  it.each(Object.entries(JSON_VALUES))('copies %s', (_what, value) => {
    const copied = copyOf(value, 1000)
    expect(copied).toEqual(value)
    expect(isAsStored(value, copied)).toBe(true)
    if (typeof value === 'object' && value !== null) expect(copied).not.toBe(value)
  })

  it('keeps __proto__ a key like any other', () => {
    const copied = copyOf(JSON.parse('{"__proto__":{"x":1}}'), 10) as object
    expect(Object.keys(copied)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(copied)).toBe(Object.prototype)
  })

  it('leaves in doubt what stands in it as it is', () => {
    const value = { at: new Date(0) }
    const asItWas = copyOf(value, 10)
    value.at.setTime(1)
    expect(isAsStored(value, asItWas)).toBe(false)
  })

  it('gives up where there are more objects than the text can have', () => {
    const many: Record<string, unknown> = {}
    for (let n = 0; n < 50; n++) many[`self${n}`] = many
    expect(copyOf(many, 1000)).toBeUndefined()
    expect(copyOf([[], []], 3)).toEqual([[], []])
    expect(copyOf([[], []], 2)).toBeUndefined()
  })
})
