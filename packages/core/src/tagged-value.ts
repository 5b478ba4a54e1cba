/**
 * The form of values that JSON can't carry: an object with one key that starts with `@` and names what it is.
 * @module
 */
import { isName, SessionError, show, showName } from './errors.js'

/** The deepest nesting that is taken; deeper values are refused before they exhaust the stack. */
export const MAX_DEPTH = 500

/** Whether a key names a kind of value. */
export const isTag = (key: string): boolean => key.startsWith('@')
const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

const TYPED_ARRAYS: ReadonlySet<string> = new Set(
  (
    'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array ' +
    'Float32Array Float64Array BigInt64Array BigUint64Array'
  ).split(' '),
)

/** The value as a tree that JSON carries. `ancestors` finds cycles, `path` names the place in an error. */
export function tagged(value: unknown, ancestors: object[], path: (string | number)[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { '@Number': Object.is(value, -0) ? '-0' : `${value}` }
    case 'bigint':
      return { '@BigInt': `${value}` }
    case 'undefined':
      return { '@undefined': true }
    case 'object':
      return value === null ? null : taggedObject(value, ancestors, path)
    default:
      throw refusal(typeof value === 'symbol' ? 'a symbol' : 'a function', path)
  }
}

function taggedObject(value: object, ancestors: object[], path: (string | number)[]): unknown {
  const cycle = ancestors.indexOf(value)
  if (cycle >= 0) return { '@ref': cycle }
  if (ancestors.length >= MAX_DEPTH) throw refusal(`nested deeper than ${MAX_DEPTH} levels`, path)

  const inside = [...ancestors, value]
  const at = (item: unknown, step: string | number): unknown => tagged(item, inside, [...path, step])
  if (Array.isArray(value)) return taggedArray(value, at, path)

  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return { '@null': taggedProperties(value, at, path) }
  if (Object.getPrototypeOf(prototype) === null) {
    const properties = taggedProperties(value, at, path)
    const keys = Object.keys(properties)
    return keys.length === 1 && isTag(keys[0]!) ? { '@Object': properties } : properties
  }
  const kept = taggedBuiltIn(value, at, path)
  if (hasOwnProperties(value)) throw refusal(`${show(value)} with properties of its own`, path)
  return kept
}

/** Each is walked and written. One item that is set far behind the others leaves billions: minutes in which nobody is served. */
const MAX_HOLES = 10_000

function taggedArray(
  value: unknown[],
  at: (item: unknown, step: number) => unknown,
  path: (string | number)[],
): unknown {
  const kept = Object.keys(value).length
  if (value.length - kept > MAX_HOLES) throw refusal(`an array with more than ${MAX_HOLES} holes`, path)
  const holes = value.length - Array.from(value.keys()).filter((i) => i in value).length
  if (kept + holes !== value.length) throw refusal('an array with properties of its own', path)
  if (constructorOf(value) !== 'Array') throw refusal(show(value), path)
  return Array.from(value, (item, i) => (i in value ? at(item, i) : { '@hole': true }))
}

function taggedProperties(
  value: object,
  at: (item: unknown, step: string) => unknown,
  path: (string | number)[],
): Record<string, unknown> {
  const symbols = Object.getOwnPropertySymbols(value)
  if (symbols.length > 0) throw refusal(`a property whose key is a symbol (${show(symbols[0])})`, path)
  const properties: [string, unknown][] = []
  for (const key of Object.keys(value)) properties.push([key, at((value as Record<string, unknown>)[key], key)])
  return Object.fromEntries(properties) // defines, so that `__proto__` stays an ordinary key
}

const constructorOf = (value: object): string => (value.constructor as { name?: string } | undefined)?.name ?? ''

/** The classes of the language that are kept. Subclasses, and all others, are refused: they would lose their class. */
function taggedBuiltIn(
  value: object,
  at: (item: unknown, step: number) => unknown,
  path: (string | number)[],
): unknown {
  const name = constructorOf(value)
  if (name !== 'Buffer' && name !== Object.prototype.toString.call(value).slice(8, -1)) throw refusal(show(value), path)
  if (value instanceof Uint8Array && name === 'Buffer') return { '@Buffer': base64(value) }
  if (TYPED_ARRAYS.has(name) && ArrayBuffer.isView(value)) return { [`@${name}`]: base64(bytesOf(value)) }
  switch (name) {
    case 'Date':
      return { '@Date': Number.isNaN((value as Date).getTime()) ? null : (value as Date).toISOString() }
    case 'Map':
      return { '@Map': Array.from(value as Map<unknown, unknown>, ([k, v], i) => [at(k, i), at(v, i)]) }
    case 'Set':
      return { '@Set': Array.from(value as Set<unknown>, at) }
    case 'URL':
      return { '@URL': (value as URL).href }
    case 'RegExp':
      return { '@RegExp': [(value as RegExp).source, (value as RegExp).flags, (value as RegExp).lastIndex] }
    case 'ArrayBuffer':
      return { '@ArrayBuffer': base64(new Uint8Array(value as ArrayBuffer)) }
    case 'DataView':
      return { '@DataView': base64(bytesOf(value as DataView)) }
    default:
      throw refusal(show(value), path)
  }
}

/** Of bytes, up to so many; to list the items of more takes many times longer than to keep them. */
const LISTED_ITEMS = 1024

/** Beside what it is made of: they would be lost. */
function hasOwnProperties(value: object): boolean {
  const length = ArrayBuffer.isView(value) && !(value instanceof DataView) ? (value as Uint8Array).length : 0
  return length <= LISTED_ITEMS && Object.keys(value).length > length
}

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

function refusal(what: string, [key, ...steps]: (string | number)[]): SessionError {
  const place = steps.length > SHOWN_STEPS ? `${placeOf(steps.slice(0, SHOWN_STEPS))}…` : placeOf(steps)
  const kept = 'values of JSON, Date, Map, Set, BigInt, typed arrays, Buffer, URL, RegExp and cycles of them'
  return new SessionError('SESS_VALUE', `session value ${showName(`${key}`)}${place}: expected ${kept}, got ${what}`)
}

/** The steps of a path that a message names. */
const SHOWN_STEPS = 10

const placeOf = (steps: (string | number)[]): string =>
  steps.map((step) => (typeof step === 'string' && isName(step) ? `.${step}` : `[${show(step)}]`)).join('')

/** Undoes `tagged`. Only the tags above make anything: a name in a planted text can't reach a class. */
export function revived(value: unknown, ancestors: object[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.length > MAX_DEPTH) throw new SyntaxError(`a stored value is nested deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) return revivedArray(value, ancestors)
  const keys = Object.keys(value)
  if (keys.length === 1 && isTag(keys[0]!)) {
    return revivedTag(keys[0]!.slice(1), (value as Record<string, unknown>)[keys[0]!], ancestors)
  }
  return revivedProperties(value as Record<string, unknown>, value, ancestors)
}

function revivedArray(value: unknown[], ancestors: object[]): unknown[] {
  const inside = [...ancestors, value]
  for (let i = 0; i < value.length; i++) {
    if (isHole(value[i])) Reflect.deleteProperty(value, i)
    else value[i] = revived(value[i], inside)
  }
  return value
}

const isHole = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && '@hole' in item && Object.keys(item).length === 1

function revivedProperties(from: Record<string, unknown>, to: object, ancestors: object[]): object {
  const inside = [...ancestors, to]
  for (const key of Object.keys(from)) {
    const value = revived(from[key], inside)
    Object.defineProperty(to, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return to
}

function revivedTag(tag: string, content: unknown, ancestors: object[]): unknown {
  switch (tag) {
    case 'Number':
      return Number(content)
    case 'BigInt':
      return BigInt(content as string)
    case 'undefined':
      return undefined
    case 'ref':
      return referredTo(content, ancestors)
    case 'null':
      return revivedProperties(content as Record<string, unknown>, Object.create(null) as object, ancestors)
    case 'Object':
      return revivedProperties(content as Record<string, unknown>, {}, ancestors)
    case 'Date':
      return new Date((content as string | null) ?? Number.NaN)
    case 'Map':
      return revivedMap(content as [unknown, unknown][], ancestors)
    case 'Set':
      return revivedSet(content as unknown[], ancestors)
    case 'URL':
      return new URL(content as string)
    case 'RegExp':
      return revivedRegExp(content as [string, string, number])
    default:
      return revivedBytes(tag, content)
  }
}

/** A name instead of a number would reach what all arrays have. */
function referredTo(index: unknown, ancestors: object[]): object {
  if (Number.isInteger(index) && Object.hasOwn(ancestors, index as number)) return ancestors[index as number]!
  throw new SyntaxError('a stored value refers to what is not there')
}

function revivedMap(entries: [unknown, unknown][], ancestors: object[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  const inside = [...ancestors, map]
  for (const [key, value] of entries) map.set(revived(key, inside), revived(value, inside))
  return map
}

function revivedSet(items: unknown[], ancestors: object[]): Set<unknown> {
  const set = new Set<unknown>()
  const inside = [...ancestors, set]
  for (const item of items) set.add(revived(item, inside))
  return set
}

function revivedRegExp([source, flags, lastIndex]: [string, string, number]): RegExp {
  const expression = new RegExp(source, flags)
  expression.lastIndex = lastIndex
  return expression
}

function revivedBytes(tag: string, content: unknown): unknown {
  if (typeof content !== 'string') throw new SyntaxError(`unknown tag ${show(`@${tag}`)} in a stored value`)
  const buffer = Buffer.from(content, 'base64')
  if (tag === 'Buffer') return buffer
  const bytes = new Uint8Array(buffer).buffer // a copy that stands alone: small Buffers share one pool
  if (tag === 'ArrayBuffer') return bytes
  if (tag === 'DataView') return new DataView(bytes)
  if (!TYPED_ARRAYS.has(tag)) throw new SyntaxError(`unknown tag ${show(`@${tag}`)} in a stored value`)
  const make = (globalThis as unknown as Record<string, new (bytes: ArrayBuffer) => unknown>)[tag]!
  return new make(bytes)
}
