/**
 * Value ↔ text. A value that JSON can carry is stored as plain JSON; what it can't is tagged, as an object with one key
 * that starts with `@`: `{"@Date":"2026-01-31T08:00:00.000Z"}`. See `decisions/004-codec.md` for why.
 * @module
 */
import { SessionError, show } from './errors.js'
import { isTag, MAX_DEPTH, revived, tagged } from './tagged-value.js'

/** How a value becomes text and text a value. The text must be valid JSON on one line. */
export interface Codec {
  /** Throws `SESS_VALUE` on what can't be kept. Equal values give equal texts. */
  readonly encode: (value: unknown, key: string) => string
  /** Throws as `encode` would, where that is known without making the text; without it, `encode` is called twice. */
  readonly check?: (value: unknown, key: string) => void
  /** Throws on text that `encode` did not make. */
  readonly decode: (text: string, key: string) => unknown
}

/** A text of which JSON escapes nothing. Most values are one, and the engine's own encoder takes four times longer. */
const UNESCAPED = /^[ !#-[\]-~]*$/

/** The codec that is used unless the option `codec` says otherwise. */
export const defaultCodec: Codec = {
  encode: (value, key) => {
    if (typeof value === 'string' && UNESCAPED.test(value)) return `"${value}"`
    return isPlain(value, 0) ? JSON.stringify(value) : JSON.stringify(tagged(value, [], [key]))
  },
  check: (value, key) => {
    if (!isPlain(value, 0)) tagged(value, [], [key])
  },
  decode: (text) => {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object') return value
    // `{"@` can't occur inside a JSON string, where the quote is escaped: it is a tag, or a key that was escaped by one.
    return text.includes('{"@') ? revived(value, []) : value
  },
}

/** Whether JSON carries the value without loss. Cheap, since it runs on each value that is set. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (depth < MAX_DEPTH && isPlainObject(value, depth + 1))
    default:
      return false
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false // JSON.stringify would do as it says
  if (Array.isArray(value)) {
    // Half the time that their keys take, which are as many.
    if (Object.values(value).length !== value.length || Object.getPrototypeOf(value) !== Array.prototype) return false
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth)) return false
    return true
  }
  const keys = Object.keys(value)
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false
  if (keys.length === 1 && isTag(keys[0]!)) return false
  for (const key of keys) if (!isPlain((value as Record<string, unknown>)[key], depth)) return false
  return true
}

/** A codec of the application's, held to what a record needs: JSON, on one line. */
export function oneLine(codec: Codec): Codec {
  return {
    decode: (text, key) => codec.decode(text, key),
    encode: (value, key) => {
      const text = codec.encode(value, key)
      if (typeof text === 'string' && !text.includes('\n') && isJson(text)) return text
      const message = `option codec: expected encode to give JSON on one line for ${show(key)}, got ${typeof text === 'string' ? 'another text' : show(text)}`
      throw new SessionError('SESS_VALUE', message)
    },
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // the caller says what was expected
  }
}
