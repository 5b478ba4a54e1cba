import { OptionError, parseKeyValues, parseWholeNumber } from '@sess/core'
import type { ProviderConfig } from '@sess/core'
import { resolveLevelOptions } from '@sess/leveldb'
import type { LevelOptions, LevelSettings } from '@sess/leveldb'

/** Options of `ledis()`; as a config string `data_dir=./app.db,db=0,sync=false`. */
export interface LedisProviderOptions extends LevelOptions {
  /**
   * The data directory of LedisDB; the files lie in `goleveldb_data` below it. It is made when missing.
   * @default './app.db'
   */
  dataDir?: string
}

const DEFAULT_DATA_DIR = './app.db'

/** @throws {OptionError} `SESS_OPTION` on an unknown name or a wrong value */
export function resolve(config: ProviderConfig): LevelSettings {
  const options = typeof config === 'string' ? optionsOf(config) : config
  return resolveLevelOptions('ledis', options, 'dataDir', DEFAULT_DATA_DIR)
}

function optionsOf(text: string): LedisProviderOptions {
  const pairs = parseKeyValues('ledis', text, ['data_dir', 'db', 'sync'])
  const [dataDir, db, sync] = [pairs.get('data_dir'), pairs.get('db'), pairs.get('sync')]
  return {
    ...(dataDir !== undefined && { dataDir }),
    ...(db !== undefined && { db: parseWholeNumber('db', db, 0, 15) }),
    ...(sync !== undefined && { sync: parseBoolean('sync', sync) }),
  }
}

function parseBoolean(option: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new OptionError(option, 'true or false', 'another text')
}
