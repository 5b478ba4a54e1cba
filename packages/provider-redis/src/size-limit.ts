import { SessionError } from '@sess/core'
import { PROVIDER, Refusal } from './errors.js'
import type { Line } from './line.js'

/** Bytes of the longest string that Redis has, unless the server is told otherwise (`proto-max-bulk-len`). */
const DEFAULT_LIMIT = 512 * 1024 * 1024
/** No server can be told to take less. */
const LEAST_LIMIT = 1024 * 1024
/** A character of JavaScript is 3 bytes at most. */
const BYTES_PER_CHARACTER = 3

/** Knows what the server takes. One that is sent more hangs up, on all the commands under way. */
export class SizeLimit {
  #limit: number | undefined

  /** Whether there may be a server that doesn't take it; asks nobody. */
  static mayExceed(text: string): boolean {
    return text.length * BYTES_PER_CHARACTER > LEAST_LIMIT
  }

  /** @throws {SessionError} `SESS_TOO_LARGE` */
  async check(line: Line, id: string, text: string): Promise<void> {
    const size = Buffer.byteLength(text)
    if (size <= LEAST_LIMIT) return
    this.#limit ??= await ask(line)
    if (size <= this.#limit) return
    const message = `session ${id}: its record has ${size} bytes, and the server takes ${this.#limit} at most`
    throw new SessionError('SESS_TOO_LARGE', message, { provider: PROVIDER })
  }
}

/** Managed servers don't tell, and have the default. */
async function ask(line: Line): Promise<number> {
  try {
    const [, limit] = (await line.call('CONFIG', 'GET', 'proto-max-bulk-len')) as (string | undefined)[]
    return Number(limit) || DEFAULT_LIMIT
  } catch (error) {
    if (error instanceof Refusal) return DEFAULT_LIMIT
    throw error
  }
}
