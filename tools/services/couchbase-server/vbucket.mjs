/** How many parts the keys of a bucket have. */
export const VBUCKETS = 64

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
  return n
})

/** @param {Buffer} bytes */
function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** The part in which a key is, as clients reckon it too. @param {Buffer} key without its collection */
export const vbucketOf = (key) => ((crc32(key) >>> 16) & 0x7fff) % VBUCKETS
