import { idAt, readTime, writeTime } from '@sess/leveldb'
import type { KeyLayout } from '@sess/leveldb'

/** Type bytes of LedisDB: a value of the type KV, the expiry of a key, and the key that sorts by expiry. */
const KV = 0x01
const META = 0x66
const TIME = 0x67
/** LedisDB's limit of a value. */
const MAX_VALUE_BYTES = 1024 ** 3

/**
 * | entry | key | value |
 * |---|---|---|
 * | value | db `01` id | version, line break, record |
 * | meta | db `66 01` id | expiry, 8 bytes little-endian |
 * | time | db `67`, expiry in 8 bytes big-endian, `01` id | the meta key |
 *
 * @param db 0 to 15: one byte of what may be more of them, an unsigned varint
 */
export function ledisLayout(db: number): KeyLayout {
  const time = (id: string, when: number): Buffer => {
    const key = Buffer.allocUnsafe(11 + id.length)
    key[0] = db
    key[1] = TIME
    writeTime(key, when, 2)
    key[10] = KV
    key.write(id, 11, 'latin1')
    return key
  }
  return {
    name: `ledis ${db}`,
    maxValueBytes: MAX_VALUE_BYTES,
    value: (id) => Buffer.from(String.fromCharCode(db, KV) + id, 'latin1'),
    meta: (id) => Buffer.from(String.fromCharCode(db, META, KV) + id, 'latin1'),
    time,
    values: { gte: Buffer.of(db, KV), lt: Buffer.of(db, KV + 1) },
    timesUntil: (when) => ({ gte: Buffer.of(db, TIME), lt: time('', when + 1).subarray(0, 10) }),
    parseValue: (key) => idAt(key, 2),
    parseTime(key) {
      const id = key[10] === KV ? idAt(key, 11) : undefined // lists, hashes and sets have other types
      return id === undefined ? undefined : { id, when: readTime(key, 2) }
    },
  }
}
