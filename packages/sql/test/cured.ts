/**
 * Whether a provider works on a table as it is, and what the SQL that its errors print is worth.
 * @module
 */
import type { Provider } from '@sess/core'
import { createManager } from '@sess/core'
import { expect } from 'vitest'

/** Stores a session and finds it again; rejects with what the provider says of its table. */
export async function works(provider: Provider): Promise<void> {
  const manager = createManager({ provider, storeTimeout: 2 })
  try {
    await manager.ready()
    const { id } = manager.newIdentity()
    const store = manager.provider.create(id)
    store.set('n', 1)
    await store.release()
    expect((await manager.load(id))?.get('n')).toBe(1)
  } finally {
    await manager.close()
  }
}

/** Runs what each error prints, until there is none; gives what was run. */
export async function cured(provide: () => Provider, run: (sql: string) => Promise<unknown>): Promise<string[]> {
  const done: string[] = []
  for (;;) {
    const failure = await works(provide()).then(
      () => undefined,
      (error: Error) => error,
    )
    if (!failure) return done
    const [, sql] = /:\n\n(.*)$/s.exec(failure.message) ?? []
    if (sql === undefined || done.includes(sql)) throw failure
    await run(sql)
    done.push(sql)
  }
}
