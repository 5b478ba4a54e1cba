const BYTEA = 17

/**
 * A value for `$1::bytea[]`, in the format in which PostgreSQL sends it: pg passes a Buffer on as it is, and would make
 * of a list of them a text of twice the size.
 * @see https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c array_recv
 */
export function byteaArray(items: readonly Buffer[]): Buffer {
  const array = Buffer.allocUnsafe(items.reduce((size, { length }) => size + 4 + length, 20))
  const head = [1, 0, BYTEA, items.length, 1] // dimensions, no NULLs, type, length, first index
  let at = head.reduce((offset, number) => array.writeInt32BE(number, offset), 0)
  for (const item of items) {
    at = array.writeInt32BE(item.length, at)
    at += item.copy(array, at)
  }
  return array
}
