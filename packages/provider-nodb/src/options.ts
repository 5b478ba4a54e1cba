import type { ProviderConfig } from '@sess/core'
import { resolveLevelOptions } from '@sess/leveldb'
import type { LevelOptions, LevelSettings } from '@sess/leveldb'

/** Options of `nodb()`; as a config string, the path alone. */
export interface NodbProviderOptions extends LevelOptions {
  /**
   * The data directory of nodb; the files lie in `goleveldb_data` below it. It is made when missing.
   * @default 'data/cache.db'
   */
  path?: string
}

const DEFAULT_PATH = 'data/cache.db'

/** @throws {OptionError} `SESS_OPTION` on an unknown name or a wrong value */
export function resolve(config: ProviderConfig): LevelSettings {
  const options = typeof config === 'string' ? optionsOf(config) : config
  return resolveLevelOptions('nodb', options, 'path', DEFAULT_PATH)
}

const optionsOf = (text: string): NodbProviderOptions => (text === '' ? {} : { path: text })
