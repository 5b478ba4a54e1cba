/** Frames of the binary protocol: a header of 24 bytes, then framing extras, extras, key, and value. */

const HEADER = 24
const REQUEST = 0x80
/** A request with framing extras. */
const FLEXIBLE_REQUEST = 0x08
const RESPONSE = 0x81

/**
 * @typedef {{ opcode: number, vbucket: number, opaque: Buffer, cas: bigint, extras: Buffer, key: Buffer, value: Buffer }} Request
 * @typedef {{ status?: number, extras?: Buffer, key?: Buffer, value?: Buffer | string, cas?: bigint }} Answer
 */

/**
 * Takes whole requests from what came, and gives them and the rest.
 * @param {Buffer} buffer
 * @returns {{ requests: Request[], rest: Buffer }}
 */
export function split(buffer) {
  /** @type {Request[]} */
  const requests = []
  while (buffer.length >= HEADER && buffer.length >= HEADER + buffer.readUInt32BE(8)) {
    const end = HEADER + buffer.readUInt32BE(8)
    requests.push(parse(buffer.subarray(0, end)))
    buffer = buffer.subarray(end)
  }
  return { requests, rest: buffer }
}

/** Of the request that begins here, as far as that is known. @param {Buffer} buffer */
export const lengthOf = (buffer) => (buffer.length < HEADER ? HEADER : HEADER + buffer.readUInt32BE(8))

/** @param {Buffer} frame @returns {Request} */
function parse(frame) {
  const magic = frame.readUInt8(0)
  if (magic !== REQUEST && magic !== FLEXIBLE_REQUEST) throw new Error(`unknown magic 0x${magic.toString(16)}`)
  const isFlexible = magic === FLEXIBLE_REQUEST
  const framingLength = isFlexible ? frame.readUInt8(2) : 0
  const keyLength = isFlexible ? frame.readUInt8(3) : frame.readUInt16BE(2)
  const extrasAt = HEADER + framingLength
  const keyAt = extrasAt + frame.readUInt8(4)
  return {
    opcode: frame.readUInt8(1),
    vbucket: frame.readUInt16BE(6),
    opaque: frame.subarray(12, 16),
    cas: frame.readBigUInt64BE(16),
    extras: frame.subarray(extrasAt, keyAt),
    key: frame.subarray(keyAt, keyAt + keyLength),
    value: frame.subarray(keyAt + keyLength),
  }
}

const none = Buffer.alloc(0)

/** @param {Request} request @param {Answer} answer */
export function answerTo({ opcode, opaque }, { status = 0, extras = none, key = none, value = none, cas = 0n }) {
  const body = Buffer.concat([extras, key, typeof value === 'string' ? Buffer.from(value) : value])
  const header = Buffer.alloc(HEADER)
  header.writeUInt8(RESPONSE, 0)
  header.writeUInt8(opcode, 1)
  header.writeUInt16BE(key.length, 2)
  header.writeUInt8(extras.length, 4)
  header.writeUInt16BE(status, 6)
  header.writeUInt32BE(body.length, 8)
  opaque.copy(header, 12)
  header.writeBigUInt64BE(cas, 16)
  return Buffer.concat([header, body])
}
