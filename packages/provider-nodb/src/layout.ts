import { idAt, readTime, writeTime } from '@sess/leveldb'
import type { KeyLayout } from '@sess/leveldb'

/** Type bytes of nodb: a value of the type KV, the expiry of a key, and the key that sorts by expiry. */
const KV = 0x01
const META = 0x66
const TIME = 0x65
/** nodb's limit of a value. */
const MAX_VALUE_BYTES = 10 * 1024 ** 2

/**
 * | entry | key | value |
 * |---|---|---|
 * | value | db `01` id | version, line break, record |
 * | meta | db `66 01` id | expiry, 8 bytes little-endian |
 * | time | db `65 01`, expiry in 8 bytes big-endian, id | the meta key |
 *
 * @param db 0 to 15
 */
export function nodbLayout(db: number): KeyLayout {
  const time = (id: string, when: number): Buffer => {
    const key = Buffer.allocUnsafe(11 + id.length)
    key[0] = db
    key[1] = TIME
    key[2] = KV
    writeTime(key, when, 3)
    key.write(id, 11, 'latin1')
    return key
  }
  return {
    name: `nodb ${db}`,
    maxValueBytes: MAX_VALUE_BYTES,
    value: (id) => Buffer.from(String.fromCharCode(db, KV) + id, 'latin1'),
    meta: (id) => Buffer.from(String.fromCharCode(db, META, KV) + id, 'latin1'),
    time,
    values: { gte: Buffer.of(db, KV), lt: Buffer.of(db, KV + 1) },
    timesUntil: (when) => ({ gte: Buffer.of(db, TIME, KV), lt: time('', when + 1) }),
    parseValue: (key) => idAt(key, 2),
    parseTime(key) {
      const id = idAt(key, 11)
      return id === undefined ? undefined : { id, when: readTime(key, 3) }
    },
  }
}
