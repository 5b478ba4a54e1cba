import { OptionError } from '@sess/core'

const NAME = /^[\p{L}_][\p{L}\p{N}_$-]*$/u

/**
 * The parts of a table's name: itself, or schema and itself. They still have to be quoted.
 * @param maxLength what the database takes, in bytes; it would cut off the rest without a word
 * @throws {OptionError} `SESS_OPTION` on what is no name (CVE-2019-15658)
 */
export function parseTableName(text: unknown, maxLength: number): string[] {
  const parts = typeof text === 'string' ? text.split('.') : []
  const isName = (part: string): boolean => NAME.test(part) && Buffer.byteLength(part) <= maxLength
  if (parts.length >= 1 && parts.length <= 2 && parts.every(isName)) return parts
  const expected = `the name of a table, or schema.table, of letters, digits, _, $ and -, ${maxLength} bytes at most`
  throw new OptionError('table', expected, typeof text === 'string' ? JSON.stringify(text.slice(0, 60)) : typeof text)
}
