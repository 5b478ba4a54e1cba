import type { ProviderContext } from '@sess/core'
import { describe, expect, it } from 'vitest'
import type { MysqlPool } from '../src/database.js'
import { MysqlDatabase } from '../src/database.js'

const pool: MysqlPool = {
  getConnection: () => undefined,
  on: () => undefined,
  off: () => undefined,
}
const database = new MysqlDatabase(pool, undefined, { storeTimeout: 5 } as ProviderContext)
const serverError = (errno: number): Error => Object.assign(new Error(String(errno)), { errno, sqlState: 'HY000' })

describe('a statement is refused', () => {
  it.each([1213, 1205, 1062, 1690, 1644, 1366])('by %d', (errno) => {
    expect(database.isRefused(serverError(errno))).toBe(true)
  })

  it.each([1040, 1053, 1317, 1290, 1836, 1021, 1114, 1226])('not by %d', (errno) => {
    expect(database.isRefused(serverError(errno))).toBe(false)
  })

  it('not by a connection that breaks', () => {
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 })
    expect(database.isRefused(error)).toBe(false)
  })
})
