import type { ProviderContext } from '@sess/core'
import { describe, expect, it } from 'vitest'
import type { PostgresPool } from '../src/database.js'
import { PostgresDatabase } from '../src/database.js'

const pool: PostgresPool = { query: async () => ({ rows: [] }), on: () => undefined, off: () => undefined }
const database = new PostgresDatabase({ requests: pool }, true, { storeTimeout: 5 } as ProviderContext)
const serverError = (code: string): Error => Object.assign(new Error(code), { code, severity: 'ERROR' })

describe('a statement is refused', () => {
  it.each(['40P01', '40001', '22021', '23514', '23505', '54000', '42501', 'P0001'])('by %s', (code) => {
    expect(database.isRefused(serverError(code))).toBe(true)
  })

  it.each(['57014', '57P01', '53300', '53100', '08006', '25006', '58030', 'XX001'])('not by %s', (code) => {
    expect(database.isRefused(serverError(code))).toBe(false)
  })

  it('not by a connection that breaks', () => {
    expect(database.isRefused(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe(false)
    expect(database.isRefused(new Error('Query read timeout'))).toBe(false)
  })
})
