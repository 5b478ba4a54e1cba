/**
 * What `data` holds: the version, a line break, the record. So a table of three columns is enough.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Loaded } from '@sess/core'

/** What comes back of it: a text, or its bytes; null where somebody else wrote that. */
export type Data = string | Buffer | null

/** The start of `data`, by which a row is known to be as it was loaded. */
export const versionPart = (version: string): Buffer => Buffer.from(`${version}\n`)

export const versionedText = (version: string, record: string): Buffer => Buffer.from(`${version}\n${record}`)

/** @throws {SessionError} `SESS_CORRUPT` when something else wrote the row */
export function parseVersioned(id: string, data: Data, provider: string): Loaded {
  const text = data === null ? '' : data.toString()
  const end = text.indexOf('\n')
  if (end > 0) return { version: text.slice(0, end), data: text.slice(end + 1) }
  throw new SessionError('SESS_CORRUPT', `session ${id}: its row holds no version and record`, { provider })
}
