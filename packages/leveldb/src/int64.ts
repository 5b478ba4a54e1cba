/**
 * Unix seconds as the 64-bit numbers of the layouts. In two halves, since BigInt takes ten times as long.
 * @module
 */

const HALF = 2 ** 32

/** Expiries, little-endian. */
export function encodeMeta(seconds: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeUInt32LE(seconds >>> 0, 0)
  bytes.writeInt32LE(Math.floor(seconds / HALF), 4)
  return bytes
}

/** `undefined` when these are not 8 bytes. */
export function decodeMeta(bytes: Buffer): number | undefined {
  return bytes.length === 8 ? bytes.readInt32LE(4) * HALF + bytes.readUInt32LE(0) : undefined
}

/** In time keys, big-endian, so that they sort. */
export function writeTime(bytes: Buffer, seconds: number, offset: number): void {
  bytes.writeInt32BE(Math.floor(seconds / HALF), offset)
  bytes.writeUInt32BE(seconds >>> 0, offset + 4)
}

/** The number that `writeTime` wrote at an offset. */
export function readTime(bytes: Buffer, offset: number): number {
  return bytes.readInt32BE(offset) * HALF + bytes.readUInt32BE(offset + 4)
}
