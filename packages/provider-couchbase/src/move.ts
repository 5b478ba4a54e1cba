/**
 * A record gets another id.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { SessionError } from '@sess/core'
import { isAmbiguous, PROVIDER, storeError } from './errors.js'
import type { Records } from './records.js'

/** How often the record is copied anew when others keep writing it; each time one of them got through. */
const MAX_COPIES = 100

/**
 * Copies, then removes the old record if it is still what was copied. Nobody knows the new id before it resolves, so
 * that at any moment one id works. The old record gone meanwhile, so is the copy: somebody ended the session.
 * @throws {SessionError} `SESS_CONFLICT` when `to` is taken, or others write too often
 */
export async function move(records: Records, from: string, to: string, ttl: number): Promise<boolean> {
  let copy: string | undefined
  try {
    for (let i = 0; i < MAX_COPIES; i++) {
      const source = await records.get(from)
      if (!source) break
      copy = await copyTo(records, to, source.data, ttl, copy)
      const removed = await removeOnce(records, from, source.cas)
      if (removed) return true
      if (removed === undefined) break
      if (i === MAX_COPIES - 1) throw conflict(`session ${from}: other requests saved it first ${MAX_COPIES} times`)
    }
  } catch (error) {
    if (copy !== undefined) await records.remove(to).catch(() => undefined) // the first error says best why
    throw error
  }
  if (copy !== undefined) await records.remove(to)
  return false
}

async function copyTo(records: Records, to: string, data: string, ttl: number, copy?: string): Promise<string> {
  const content = { name: randomBytes(9).toString('base64url'), data }
  const cas = await (copy === undefined ? records.add(to, content, ttl) : records.replace(to, content, ttl, copy))
  if (cas !== false) return cas
  throw conflict(copy === undefined ? `session ${to}: the id is taken` : `session ${to}: its copy was changed`)
}

/**
 * If the answer was lost, it is asked again. Gone by then: it was us, or a log-out that must not be undone. Since nobody
 * can tell, the session ends.
 */
async function removeOnce(records: Records, from: string, cas: string): Promise<boolean | undefined> {
  const remove = (): Promise<boolean | undefined> => records.removeIf(from, cas)
  const failed = (error: unknown): never => {
    throw storeError('remove the old id of a session', error)
  }
  try {
    return await remove()
  } catch (lost) {
    if (!isAmbiguous(lost)) return failed(lost)
    return (await remove().catch(failed)) ?? failed(lost)
  }
}

const conflict = (message: string): SessionError => new SessionError('SESS_CONFLICT', message, { provider: PROVIDER })
