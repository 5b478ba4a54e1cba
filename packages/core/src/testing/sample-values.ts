/** What JSON carries, so that every provider keeps it. */
export const JSON_VALUES: Readonly<Record<string, unknown>> = {
  'texts with line breaks': 'one\ntwo\r\nthree\u2028four\u2029five\u0085six',
  'texts that look like a record': '{\n"a":1,\n"b":2\n}',
  'quotes, backslashes, control characters and NUL': '"\\\' \0 \u0001 \u001f \u007f %s $1 \\n \\u0000',
  'emoji and other scripts': '😀 👩‍👩‍👧‍👦 مرحبا 世界 é e\u0301 \ufeff \ufffd',
  'lone surrogates': '\ud800 and \udc00 and a\udfffb',
  'the empty text': '',
  numbers: [0, 1, -1, 0.1, 1e21, 5e-324, Number.MAX_VALUE, Number.MIN_SAFE_INTEGER],
  'true, false and null': [true, false, null],
  'empty arrays and objects': [[], {}, [[]], { a: {} }],
  'deeply nested objects': nested(100),
}

/** What JSON loses. */
export const RICH_VALUES: Readonly<Record<string, unknown>> = {
  'a Date': new Date('2026-02-28T12:34:56.789Z'),
  'an invalid Date': new Date(Number.NaN),
  'a Map': new Map<unknown, unknown>([
    ['a', 1],
    [{ b: 2 }, new Map([[1, new Date(0)]])],
    [undefined, Number.NaN],
  ]),
  'a Set': new Set<unknown>(['a', 1, new Set([null]), undefined]),
  'a BigInt': 123456789012345678901234567890n,
  'typed arrays': [
    Uint8Array.of(0, 255),
    Uint8ClampedArray.of(1),
    Int8Array.of(-1),
    Uint16Array.of(65_535),
    Int16Array.of(-2),
    Uint32Array.of(4_294_967_295),
    Int32Array.of(-3),
    Float32Array.of(0.5),
    Float64Array.of(Math.PI, Number.NaN),
    BigInt64Array.of(-1n),
    BigUint64Array.of(1n),
  ],
  'a Buffer': Buffer.from([0, 10, 13, 34, 128, 255]),
  'an ArrayBuffer': Uint8Array.of(1, 2, 3).buffer,
  'a URL': new URL('https://user@example.org:8443/a%20b?c=d#e'),
  'a RegExp': /a\/(b)+\n/giu,
  'undefined inside': { a: undefined, b: [undefined] },
  'NaN, the infinities and -0': [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0],
  'a cycle': cycle(),
  'a cycle through a Map': cyclicMap(),
  'an object without a prototype': Object.assign(Object.create(null) as object, { a: 1 }),
  'an object whose keys look like tags': { '@Date': 'not one', list: [{ '@Map': 1 }, { '@x': { '@y': 2 } }] },
  'an own property __proto__': JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
  'an array with holes': holey(),
}

class Account {
  readonly owner = 'somebody'
}

/** What can't be kept, and the place that the error has to name. */
export const REFUSED_VALUES: Readonly<Record<string, [value: unknown, path: string]>> = {
  'a function': [() => 1, 'user'],
  'a symbol': [{ role: Symbol('admin') }, 'user.role'],
  'the instance of a class': [{ accounts: [1, new Account()] }, 'user.accounts[1]'],
  'a function deep inside': [{ a: [{ b: { c: () => 1 } }] }, 'user.a[0].b.c'],
}

function nested(depth: number): unknown {
  let value: unknown = 'inside'
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value }
  return value
}

function cycle(): unknown {
  const value: Record<string, unknown> = { name: 'loop' }
  value['self'] = value
  value['list'] = [{ back: value }]
  return value
}

function cyclicMap(): unknown {
  const map = new Map<string, unknown>()
  map.set('self', map)
  return map
}

function holey(): unknown {
  const list: unknown[] = [1]
  list[3] = 4
  return list
}
