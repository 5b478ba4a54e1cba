import { SessionError } from '@sess/core'
import { NoAnswer, PROVIDER } from './errors.js'
import type { Records } from './records.js'

/**
 * Removes the record that has this CAS: false where there is another one, undefined where there is none. If the answer
 * was lost, it is asked again. Gone by then: it was us, or a log-out that must not be undone. Since nobody can tell, it
 * is an error, and the session ends.
 */
export async function removeOnce(records: Records, id: string, cas: string): Promise<boolean | undefined> {
  try {
    return await records.removeIf(id, cas)
  } catch (lost) {
    if (!(lost instanceof NoAnswer)) throw lost
    const removed = await records.removeIf(id, cas)
    if (removed !== undefined) return removed
    const message = `nobody knows who removed session ${id}: ${lost.message}`
    throw new SessionError('SESS_STORE', message, { cause: lost, provider: PROVIDER })
  }
}
