import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { defineProvider } from '@sess/core'
import type { Provider } from '@sess/core'
import type { SqliteProviderOptions } from './options.js'
import { resolve } from './options.js'
import { SqliteStorage } from './storage.js'

/**
 * Sessions in a file of SQLite, which several processes of one machine may share.
 *
 * @example
 * ```ts
 * sessioner({ provider: sqlite({ path: 'data/sessions.db' }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function sqlite(options?: SqliteProviderOptions): Provider {
  return defineProvider({
    name: 'sqlite',
    open: (config, context) => openFile(resolve(options ?? config), context.clock),
  })
}

/** The storage by itself, for the conformance kit. */
export async function openFile(
  { path, busyTimeout }: Required<SqliteProviderOptions>,
  now: () => number,
): Promise<SqliteStorage> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return new SqliteStorage(new DatabaseSync(path, { timeout: busyTimeout }), now)
}
