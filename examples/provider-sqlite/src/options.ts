import { checkWholeNumber, OptionError, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'

/** Options of `sqlite()`; as a config string, the path alone. */
export interface SqliteProviderOptions {
  /** The database's file, which is made when missing. @default 'data/sessions.db' */
  path?: string
  /** Milliseconds to wait while another process writes. The event loop waits too. @default 1000 */
  busyTimeout?: number
}

const NAMES = ['path', 'busyTimeout'] as const
const DEFAULTS = { path: 'data/sessions.db', busyTimeout: 1000 }

/** @throws {OptionError} `SESS_OPTION` on an unknown name or a wrong value */
export function resolve(config: ProviderConfig): Required<SqliteProviderOptions> {
  const options = typeof config === 'string' ? pathAlone(config) : (config as SqliteProviderOptions)
  for (const name of Object.keys(options)) rejectUnknownKey('sqlite', name, NAMES)
  const { path, busyTimeout } = { ...DEFAULTS, ...options }
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new OptionError('path', 'the path of a file', typeof path)
  }
  checkWholeNumber('busyTimeout', busyTimeout, 0, 60_000)
  return { path, busyTimeout }
}

const pathAlone = (text: string): SqliteProviderOptions => (text === '' ? {} : { path: text })
