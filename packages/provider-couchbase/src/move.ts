/**
 * A record gets another id.
 * @module
 */
import type { Copying } from '@sess/core'
import { isAmbiguous, PROVIDER, storeError } from './errors.js'
import type { Records } from './records.js'

/** What core needs to move a record. The version is the CAS here: what is touched meanwhile is copied anew. */
export const copying = (records: Records): Copying => ({
  provider: PROVIDER,
  async load(id) {
    const stored = await records.get(id)
    return stored && { data: stored.data, version: stored.cas }
  },
  save: (id, data, ttl, expected, name) =>
    expected === undefined
      ? records.add(id, { name, data }, ttl)
      : records.replace(id, { name, data }, ttl, String(expected)),
  removeIf: (id, version) => removeOnce(records, id, String(version)),
  remove: (id) => records.remove(id),
})

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
