/**
 * What no request waits for may take longer than a request.
 * @module
 */
import type { ProviderContext } from '@sess/core'
import { expect, it } from 'vitest'
import type { Database, Statement } from '../src/index.js'

/** What a manager lends whose requests wait for half a second. */
export const IMPATIENT: ProviderContext = {
  clock: Date.now,
  codec: { encode: (value) => JSON.stringify(value), decode: (text): unknown => JSON.parse(text) },
  idLength: 16,
  storeTimeout: 0.5,
  report: () => undefined,
}

/**
 * @param open a way to the server, for requests that wait half a second
 * @param slow a statement that takes a second, and gives a row
 */
export function unhurried(open: () => Database, slow: Statement): void {
  it('counting and collecting have longer than a request', async () => {
    const database = open()
    await expect(database.run(slow, false)).rejects.toThrow(/no answer|timeout/i)
    const both = await Promise.all([database.runUnhurried(slow), database.runUnhurried(slow)])
    expect(both.map(({ rows }) => rows.length)).toEqual([1, 1])
    await database.close()
  })
}
