import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { defaultCodec } from './codec.js'

const { encode, decode } = defaultCodec
const roundTrip = (value: unknown): unknown => decode(encode(value, 'key'), 'key')

const cycle: Record<string, unknown> = { name: 'cycle', list: [] }
cycle['self'] = cycle
;(cycle['list'] as unknown[]).push(cycle)
const mapInItself = new Map<unknown, unknown>([['a', 1]])
mapInItself.set('self', mapInItself)

describe('what JSON can carry', () => {
  const plain: unknown[] = [
    null,
    true,
    false,
    0,
    1.5,
    -7,
    1e300,
    '',
    'text',
    'line\nbreak',
    '\u2028\u2029',
    '\0',
    '👍',
    '\ud800',
    [],
    {},
    [1, [2, [3]]],
    { a: { b: { c: [null] } } },
    JSON.parse('{"__proto__":1,"constructor":2}'),
    { '': 1, 'a.b': 2, '"': 3, '\n': 4 },
    { '@x': 1, other: 2 },
  ]
  it.each(plain)('stays plain JSON: %j', (value) => {
    expect(encode(value, 'key')).toBe(JSON.stringify(value))
    expect(roundTrip(value)).toEqual(value)
  })
})

describe('what JSON can not carry', () => {
  const sparse = [1, undefined, 3]
  Reflect.deleteProperty(sparse, 1)
  const expression = /a(b)/giu
  expression.lastIndex = 3
  const rich: [string, unknown][] = [
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['BigInt', -(2n ** 80n)],
    ['Date', new Date('2026-01-31T08:00:00.123Z')],
    ['Date before Christ', new Date(-1e14)],
    [
      'Map',
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1n])],
        ['b', new Map()],
      ]),
    ],
    ['Set', new Set<unknown>([1, 'a', [2]])],
    ['URL', new URL('https://user@host:8/p?q#h')],
    ['RegExp', expression],
    ['a hole', sparse],
    ['no prototype', Object.assign(Object.create(null) as object, { a: new Date(0) })],
    ['nested', { a: [{ b: new Date(1) }, undefined, { c: -0 }] }],
    ['an object that looks like a tag', { '@Date': 'today' }],
    ['a tag in a tag', { '@Object': { '@Map': [[new Date(2)]] } }],
    ['a hole that is none', [{ '@hole': true }]],
    ['__proto__ beside a Date', { ...(JSON.parse('{"x":{"__proto__":5}}') as object), d: new Date(3) }],
  ]
  it.each(rich)('comes back as it was: %s', (_name, value) => {
    const text = encode(value, 'key')
    expect(text).not.toContain('\n')
    JSON.parse(text)
    expect(roundTrip(value)).toStrictEqual(value)
    expect(encode(roundTrip(value), 'key')).toBe(text)
  })

  it('keeps an invalid date invalid', () => {
    expect((roundTrip(new Date(Number.NaN)) as Date).getTime()).toBeNaN()
  })

  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i * 17)
  const views: (ArrayBufferView | ArrayBuffer)[] = [
    bytes,
    Buffer.from(bytes),
    new Int8Array(bytes),
    new Uint8ClampedArray(bytes),
    new Uint16Array(bytes.buffer),
    new Int16Array(bytes.buffer),
    new Uint32Array(bytes.buffer),
    new Int32Array(bytes.buffer),
    new Float32Array([1.5, -0]),
    new Float64Array([Math.PI]),
    new BigInt64Array([-5n]),
    new BigUint64Array([5n]),
    new DataView(bytes.buffer, 2, 3),
    bytes.buffer,
    Buffer.alloc(0),
  ]
  it.each(views.map((view) => [view.constructor.name, view] as const))('keeps bytes: %s', (_name, view) => {
    const back = roundTrip(view) as typeof view
    expect(back.constructor).toBe(view.constructor)
    expect(back).toStrictEqual(view instanceof DataView ? new DataView(bytes.buffer.slice(2, 5)) : view)
  })

  it('stores a part of a shared pool alone, not the pool', () => {
    const other = Buffer.from('shown')
    expect(encode(other, 'key')).toBe('{"@Buffer":"c2hvd24="}')
    expect(other.buffer.byteLength).toBeGreaterThan(5)
    expect((roundTrip(new Uint8Array(other)) as Uint8Array).buffer.byteLength).toBe(5)
  })

  it('keeps cycles', () => {
    const back = roundTrip(cycle) as typeof cycle
    expect(back['self']).toBe(back)
    expect((back['list'] as unknown[])[0]).toBe(back)
    const map = roundTrip(mapInItself) as typeof mapInItself
    expect(map.get('self')).toBe(map)
    expect(encode(back, 'key')).toBe(encode(cycle, 'key'))
  })

  it('takes values of another realm', () => {
    const foreign = runInNewContext('({ a: [1, { b: 2 }], d: new Date(5), m: new Map([[1, 2]]) })') as object
    expect(roundTrip(foreign)).toEqual({ a: [1, { b: 2 }], d: new Date(5), m: new Map([[1, 2]]) })
  })
})

describe('what can not be kept', () => {
  class Point {
    x = 1
  }
  class Dates extends Date {}
  const deep: unknown[] = []
  let inner = deep
  for (let level = 0; level < 600; level++) inner.push((inner = []))
  const refused: [unknown, string, string][] = [
    [() => 1, 'key', 'a function'],
    [{ a: [1, { b: Symbol('x') }] }, 'key.a[1].b', 'a symbol'],
    [{ p: new Point() }, 'key.p', 'an object (Point)'],
    [new Dates(), 'key', 'an object (Dates)'],
    [new Map([['k', () => 1]]), 'key[0]', 'a function'],
    [[new WeakMap()], 'key[0]', 'an object (WeakMap)'],
    [{ e: new Error('x') }, 'key.e', 'an object (Error)'],
    [Promise.resolve(), 'key', 'an object (Promise)'],
    [Object('boxed'), 'key', 'an object (String)'],
    [{ toJSON: () => 1 }, 'key.toJSON', 'a function'],
    [{ [Symbol('s')]: 1 }, 'key', 'a property whose key is a symbol (Symbol(s))'],
    ['ab'.match(/b/), 'key', 'an array with properties of its own'],
    [{ a: Object.assign([], { 4294967294: 1 }) }, 'key.a', 'an array with more than 10000 holes'],
    ...[new Map(), new Set(), new Date(), /x/, new URL('a:b'), new ArrayBuffer(2), new DataView(new ArrayBuffer(2))]
      .concat([new Uint8Array(2), Buffer.from('ab'), new BigInt64Array(1)] as never[])
      .map((value): [unknown, string, string] => {
        const name = `an object (${value.constructor.name}) with properties of its own`
        return [{ a: [Object.assign(value, { mine: 1 })] }, 'key.a[0]', name]
      }),
  ]
  it.each(refused)('is refused with its path named (%#)', (value, path, what) => {
    expect(() => encode(value, 'key')).toThrow(
      expect.objectContaining({
        code: 'SESS_VALUE',
        message: expect.stringMatching(
          new RegExp(
            `^session value ${path.replace(/[[\].]/g, '\\$&')}: expected .* got ${what.replace(/[()]/g, '\\$&')}$`,
          ),
        ) as string,
      }),
    )
  })

  it('is refused in one short line, whatever its keys are', () => {
    const text = `a\n\u001b[2J\u202e${'x'.repeat(1000)}`
    let nested: unknown = () => 1
    for (let level = 0; level < 400; level++) nested = { [text]: nested }
    const encodings = [
      () => encode(Symbol(text), 'key'),
      () => encode({ [Symbol(text)]: 1 }, 'key'),
      () => encode(Object.create({ constructor: { name: text } }), 'key'),
      () => encode(nested, 'key'),
    ]
    for (const encoding of encodings) expect(encoding).toThrow(/^[ -~…]{1,1500}$/)
    const named = { [text]: { 'cart-items': () => 1 } }
    expect(() => encode(named, text)).toThrow(
      /^session value "a\\n\\u001b\[2J\\u202ex+…"\["a\\n\\u001b\[2J\\u202ex+…"\]\.cart-items: expected/,
    )
  })

  it('is refused before it exhausts the stack', () => {
    expect(() => encode(deep, 'key')).toThrow(/nested deeper than 500 levels/)
  })
})

it('a method that is not enumerable does not say what is kept', () => {
  const hidden = { value: () => 'other' }
  expect(encode({ a: Object.defineProperty({ b: 1 }, 'toJSON', hidden) }, 'key')).toBe('{"a":{"b":1}}')
  expect(encode(Object.defineProperty([1], 'toJSON', hidden), 'key')).toBe('[1]')
})

describe('a planted text', () => {
  it.each(['"push"', '"constructor"', '"__proto__"', '"length"', '-1', '0.5', '1', '"0"', '[0]', 'null'])(
    'can not refer to anything but an object around it: %s',
    (content) => {
      expect(() => decode(`[{"@ref":${content}}]`, 'key')).toThrow(SyntaxError)
    },
  )

  it('that is nested deep is an error at once, however it is nested', () => {
    const began = performance.now()
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"@Set":[', ']}'],
      ['{"@Object":{"a":', '}}'],
    ] as const) {
      const levels = 100_000 / open.length
      const text = `${open.repeat(levels)}{"@Date":1}${close.repeat(levels)}`
      expect(() => decode(text, 'key')).toThrow(/nested deeper than 500 levels/)
    }
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

it('what is nested as deep as it may be comes back', () => {
  let value: unknown = [-0, undefined, Number.NaN]
  for (let level = 1; level < 500; level++) value = level % 2 ? { value } : [value]
  expect(encode(roundTrip(value), 'key')).toBe(encode(value, 'key'))
})
