/**
 * Keys of 32 bytes, as applications keep them: bytes, or a text in base64, base64url or hex.
 * @module
 */
import { OptionError } from './errors.js'

/** One key of the option `encryptionKey`. */
export type EncryptionKey = string | Uint8Array

const KEY_BYTES = 32
const HEX = /^[0-9a-f]{64}$/i
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/

/**
 * The keys as bytes. No message ever shows one.
 * @throws {OptionError} `SESS_OPTION` on what is no key, on none, and on the same one twice
 */
export function encryptionKeysOf(option: string, value: unknown): Uint8Array[] {
  const given: unknown[] = Array.isArray(value) ? value : [value]
  const keys = given.map(bytesOf)
  const wrong = keys.indexOf(undefined)
  if (wrong >= 0 || keys.length === 0) {
    const place = given.length > 1 ? ` as number ${wrong + 1}` : ''
    const expected = `one or several keys of ${KEY_BYTES} bytes: a Uint8Array, or a text in base64, base64url or hex`
    throw new OptionError(option, expected, `${given.length === 0 ? 'none' : sizeOf(given[wrong])}${place}`)
  }
  if (new Set(keys.map(String)).size < keys.length)
    throw new OptionError(option, 'different keys', 'the same key twice')
  return keys as Uint8Array[]
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value.length === KEY_BYTES ? Uint8Array.from(value) : undefined
  if (typeof value !== 'string') return undefined
  if (HEX.test(value)) return Uint8Array.from(Buffer.from(value, 'hex'))
  return BASE64.test(value) ? Uint8Array.from(Buffer.from(value, 'base64')) : undefined
}

function sizeOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return typeof value === 'string' ? `another text, of ${value.length} characters` : `a value of type ${typeof value}`
}
