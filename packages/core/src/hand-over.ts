/**
 * A session goes on under another id, and its old record says where, in one step as others see it: nobody can find the
 * copy before the old record names it, and the old record names it only if the copy has all that it held.
 * @module
 */
import { Change } from './change.js'
import type { Codec } from './codec.js'
import type { RecordRules } from './committer.js'
import { SessionError } from './errors.js'
import { SUCCESSOR } from './own-keys.js'
import type { RecordView } from './record.js'
import { EMPTY_RECORD } from './record-text.js'
import type { Storage, Version } from './storage.js'
import { newVersion } from './token.js'

/** What a hand-over leaves where, as texts by key. */
export interface HandOver {
  /** Added to the copy. */
  readonly added: Readonly<Record<string, string>>
  /** All that the old record still holds. */
  readonly left: Readonly<Record<string, string>>
  /** Seconds that the old record lives. */
  readonly seconds: number
}

/** How often others may change the session while it is copied. */
const MAX_ATTEMPTS = 100

/** Values as texts. */
export const encoded = (codec: Codec, values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, codec.encode(value, key)]))

/** A change that makes any record one of these texts alone. */
export function replacing(texts: Iterable<readonly [string, string]>): Change {
  const change = new Change()
  change.clear()
  for (const [key, text] of texts) change.set(key, text)
  return change
}

/** The keys of a record with their texts. */
export const textsOf = (record: RecordView): [string, string][] =>
  Array.from(record.keys(), (key) => [key, record.textOf(key)!])

/** False when there is no session under `from` any more; then there is none under `to`, either. */
export async function handOver(
  storage: Storage,
  rules: RecordRules,
  from: string,
  to: string,
  { added, left, seconds }: HandOver,
): Promise<boolean> {
  const rest = rules.recordOf(from, EMPTY_RECORD).with(replacing(Object.entries(left)))
  let copy: Version | undefined
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const loaded = await storage.load(from)
    const record = loaded && rules.recordOf(from, loaded.data)
    if (!record || record.textOf(SUCCESSOR) !== undefined) {
      if (copy !== undefined) await storage.remove(to)
      return false
    }
    const texts = [...textsOf(record), ...Object.entries(added)]
    const copied = rules.recordOf(to, EMPTY_RECORD).with(replacing(texts))
    copy = await saveCopy(storage, to, copied.text, rules.ttlOf(to, copied), copy)
    if ((await storage.save(from, rest.text, seconds, loaded.version, newVersion())) !== false) return true
  }
  await storage.remove(to)
  throw new SessionError('SESS_CONFLICT', `session ${from}: other requests saved first ${MAX_ATTEMPTS} times`)
}

async function saveCopy(
  storage: Storage,
  id: string,
  text: string,
  ttl: number,
  expected: Version | undefined,
): Promise<Version | undefined> {
  const saved = await storage.save(id, text, ttl, expected, newVersion())
  if (saved === false)
    throw new SessionError('SESS_CONFLICT', `session ${id}: expected a free id, but the store has it`)
  return saved === true ? (await storage.load(id))?.version : saved
}
