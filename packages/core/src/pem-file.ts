/**
 * Certificates and keys in files that an option names.
 * @module
 */
import { readFileSync } from 'node:fs'
import { OptionError } from './errors.js'

/**
 * The text of a PEM file.
 * @param option the option that names it, for the message
 * @param shown what the message may show of the path
 * @throws {OptionError} `SESS_OPTION` when it can't be read
 */
export function readPem(option: string, path: string, shown: string = JSON.stringify(path)): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new OptionError(option, 'a PEM file that can be read', shown, { cause })
  }
}
