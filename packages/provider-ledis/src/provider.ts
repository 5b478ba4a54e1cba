/**
 * The provider `ledis`: sessions in a directory of this process, readable by LedisDB.
 * @module
 */
import { defineProvider } from '@sess/core'
import type { Provider } from '@sess/core'
import { levelDirectory, openLevelStorage, repairDirectory } from '@sess/leveldb'
import { ledisLayout } from './layout.js'
import type { LedisProviderOptions } from './options.js'
import { resolve } from './options.js'

const PROVIDER = 'ledis'

/**
 * Sessions in LevelDB, in the layout of LedisDB. One process has the directory, with as many managers as it likes.
 *
 * @example
 * ```ts
 * sessioner({ provider: ledis({ dataDir: './app.db', sync: true }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function ledis(options?: LedisProviderOptions): Provider {
  return defineProvider({
    name: PROVIDER,
    options,
    open: (config, context) => {
      const { directory, db, sync } = resolve(config)
      return openLevelStorage({ provider: PROVIDER, directory, sync, layout: ledisLayout(db) }, context)
    },
  })
}

/**
 * Rebuilds a damaged database from what can be read of it; the application must not run meanwhile. What can't be read
 * is lost, and a session that was ended shortly before the damage may be back: where that matters, remove the directory
 * instead. Twice is the same as once.
 * @throws {SessionError} `SESS_STORE` when the directory is in use, or missing
 */
export function repair(dataDir: string): Promise<void> {
  return repairDirectory(levelDirectory(dataDir), PROVIDER)
}
