import { describe, expect, it } from 'vitest'
import { decodeMeta, encodeMeta, readTime, writeTime } from './int64.js'

describe('seconds in 64 bits', () => {
  it.each([0, 1, 1_767_229_200, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, -1, -(2 ** 33)])(
    '%d is as BigInt has it',
    (n) => {
      const little = Buffer.alloc(8)
      little.writeBigInt64LE(BigInt(n))
      expect(encodeMeta(n)).toEqual(little)
      expect(decodeMeta(little)).toBe(n)
      const big = Buffer.alloc(10)
      writeTime(big, n, 1)
      expect(big.readBigInt64BE(1)).toBe(BigInt(n))
      expect(readTime(big, 1)).toBe(n)
    },
  )

  it('are not read from another number of bytes', () => {
    expect(decodeMeta(Buffer.alloc(7))).toBe(undefined)
  })
})
