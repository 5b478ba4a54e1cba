import { join } from 'node:path'
import { checkWholeNumber, OptionError, rejectUnknownKey } from '@sess/core'

/** The options that both providers have, besides the directory, which each calls by a name of its own. */
export interface LevelOptions {
  /**
   * The number of the database, 0 to 15: several applications may share a directory, if one process runs them all.
   * @default 0
   */
  db?: number
  /**
   * Whether each write waits until the disk has it. Without it a crash of the process loses nothing, but one of the
   * machine, or a power cut, may lose what was written in the last seconds. With it a write takes as long as the disk
   * needs, a tenth of a millisecond to ten of them.
   * @default false
   */
  sync?: boolean
}

/** What an instance is opened with. */
export interface LevelSettings {
  /** The directory of LevelDB's files. */
  readonly directory: string
  /** The number of the database, 0 to 15. */
  readonly db: number
  /** Whether each write waits until the disk has it. */
  readonly sync: boolean
}

const MAX_DB = 15

/**
 * Checks the options of a provider.
 * @param path the name of the option that holds the directory
 * @throws {OptionError} `SESS_OPTION` on an unknown name or a wrong value
 */
export function resolveLevelOptions(
  provider: string,
  options: LevelOptions,
  path: string,
  defaultPath: string,
): LevelSettings {
  for (const key of Object.keys(options)) rejectUnknownKey(provider, key, [path, 'db', 'sync'])
  const { [path]: folder = defaultPath, db = 0, sync = false } = options as Record<string, unknown>
  checkWholeNumber('db', db, 0, MAX_DB)
  if (typeof sync !== 'boolean') throw new OptionError('sync', 'true or false', `a value of type ${typeof sync}`)
  return { directory: levelDirectory(checkedPath(path, folder)), db, sync }
}

/** Where LedisDB and nodb put LevelDB's files. */
export const levelDirectory = (folder: string): string => join(folder, 'goleveldb_data')

function checkedPath(option: string, path: unknown): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new OptionError(option, 'the path of a directory', path === '' ? 'an empty text' : 'something else')
}
