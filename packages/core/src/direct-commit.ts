import type { Awaitable } from './awaitable.js'
import { isPromise } from './awaitable.js'
import type { Change } from './change.js'
import type { Base, Commit, Committed, RecordRules } from './committer.js'
import { baseOf, isHandedOver, taken } from './committer.js'
import { SessionError } from './errors.js'
import { EMPTY_RECORD } from './record-text.js'
import type { Storage } from './storage.js'
import { newVersion } from './token.js'

/**
 * Commits to a storage that answers at once. Somebody may have saved since the record was loaded, but between a load and
 * a save of ours nobody can.
 */
export function directCommit(storage: Storage, rules: RecordRules): Commit {
  function trySave(id: string, change: Change, base: Base | undefined): Base | 'moved' | false {
    if (base && isHandedOver(base.record)) return 'moved'
    const record = (base?.record ?? rules.recordOf(id, EMPTY_RECORD)).with(change)
    if (base !== undefined && record.text === base.record.text) return base
    const ttl = rules.ttlOf(id, record)
    const version = atOnce(storage.save(id, record.text, ttl, base?.version, newVersion()))
    return version !== false && { record, version: version === true ? undefined : version }
  }

  return (id, change, base): Committed => {
    // What a function leaves as it is, is not saved, so that no version would be compared.
    const isOpen = base !== undefined && (base.version === undefined || change.isComputed)
    const saved = isOpen ? false : trySave(id, change, base)
    if (saved) return saved
    if (!base) throw taken(id)
    const loaded = atOnce(storage.load(id))
    if (!loaded) return undefined
    const now = loaded.version === base.version ? base : baseOf(rules, id, loaded)
    return trySave(id, change, now) || undefined // it expired in between
  }
}

function atOnce<T>(answer: Awaitable<T>): T {
  if (!isPromise(answer)) return answer
  throw new SessionError('SESS_STORE', 'the storage declares isImmediate, and answered with a promise')
}
