/**
 * Requests of memcached's binary protocol. Those of memjs have no place for the CAS.
 * @module
 */

export const OPCODE = { get: 0x00, add: 0x02, replace: 0x03, delete: 0x04, noop: 0x0a, touch: 0x1c, gat: 0x1d } as const

/** What is not here, is an error. */
export const STATUS = { ok: 0, missing: 1, exists: 2, tooLarge: 3, unauthorized: 0x20 } as const

/** What is asked of a server. */
export interface Request {
  readonly opcode: number
  readonly key?: string
  /** Only what still has this CAS, as hexadecimal digits. */
  readonly cas?: string
  /** As the protocol counts it, see {@link expiryOf}. */
  readonly expiry?: number
  readonly value?: string
}

const HEADER_LENGTH = 24
const REQUEST = 0x80

/** Storing has flags before the expiry; touching has the expiry alone. */
const extrasLengthOf = ({ value, expiry }: Request): number => (value !== undefined ? 8 : expiry !== undefined ? 4 : 0)

/** @param opaque comes back with the answer */
export function encode(request: Request, opaque: number): Buffer {
  const { opcode, key = '', cas, expiry, value = '' } = request
  const extrasLength = extrasLengthOf(request)
  const keyLength = Buffer.byteLength(key)
  const bodyLength = extrasLength + keyLength + Buffer.byteLength(value)
  const buffer = Buffer.allocUnsafe(HEADER_LENGTH + bodyLength).fill(0, 0, HEADER_LENGTH + extrasLength)
  buffer[0] = REQUEST
  buffer[1] = opcode
  buffer.writeUInt16BE(keyLength, 2)
  buffer[4] = extrasLength
  buffer.writeUInt32BE(bodyLength, 8)
  buffer.writeUInt32BE(opaque, 12)
  if (cas !== undefined) buffer.write(cas, 16, 8, 'hex')
  const extrasEnd = HEADER_LENGTH + extrasLength
  if (expiry !== undefined) buffer.writeUInt32BE(expiry, extrasEnd - 4)
  buffer.write(key, extrasEnd)
  buffer.write(value, extrasEnd + keyLength)
  return buffer
}

/** Seconds from which memcached takes a time to live for a date. */
const MAX_RELATIVE = 30 * 24 * 3600
/** The last date that servers with 32-bit times have, in 2038. */
const MAX_DATE = 2 ** 31 - 1

/**
 * Seconds by which a date comes out late at most: memcached compares it with a clock that it moves once a second, and
 * that began at a whole second, which the system's did not. A time to live is counted by one clock, and is exact.
 */
const LATE = 2

/** A time to live as the protocol counts it: seconds, or beyond 30 days the date in seconds. Never 0: that is for ever. */
export function expiryOf(ttl: number): number {
  const seconds = Math.max(1, Math.ceil(ttl))
  return seconds <= MAX_RELATIVE ? seconds : Math.min(MAX_DATE, Math.floor(Date.now() / 1000) - LATE + seconds)
}
