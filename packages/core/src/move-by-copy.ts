/**
 * A record gets another id in a store that can't do so in one step.
 * @module
 */
import { SessionError } from './errors.js'
import type { Version } from './storage.js'
import { newVersion } from './token.js'

/** How often the record is copied anew when others keep writing it; each time one of them got through. */
const MAX_COPIES = 100

/** What {@link moveByCopy} asks of a store that compares versions. */
export interface Copying {
  /** The provider's name, for errors. */
  readonly provider: string
  /** The record; `undefined` where there is none. */
  load(id: string): Promise<{ readonly data: string; readonly version: Version } | undefined>
  /** As of a storage: gives the new version, or false, and nothing written, where the store holds another one. */
  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Promise<Version | false>
  /**
   * Removes the record if it has this version: false where it has another one, `undefined` where there is none. Where
   * nobody can tell who removed it, since the answer was lost, it throws: a log-out must not be undone.
   */
  removeIf(id: string, version: Version): Promise<boolean | undefined>
  /** Removes the record; a missing one is no error. */
  remove(id: string): Promise<void>
}

/**
 * Copies, then removes the old record if it is still what was copied, else copies again. Nobody knows the new id before
 * it resolves, so that at any moment one id works. The old record gone meanwhile, so is the copy: somebody ended the
 * session.
 *
 * @example
 * ```ts
 * class MyStorage implements Storage, Copying {
 *   rename(from: string, to: string, ttl: number): Promise<boolean> {
 *     return moveByCopy(this, from, to, ttl)
 *   }
 * ```
 * @returns false where there is no record to move, as a storage's `rename` has it
 * @throws {SessionError} `SESS_CONFLICT` when `to` is taken, or others write too often; what the store throws
 */
export async function moveByCopy(store: Copying, from: string, to: string, ttl: number): Promise<boolean> {
  let copy: Version | undefined
  try {
    for (let i = 0; i < MAX_COPIES; i++) {
      const source = await store.load(from)
      if (!source) break
      copy = await copyTo(store, to, source.data, ttl, copy)
      const removed = await store.removeIf(from, source.version)
      if (removed) return true
      if (removed === undefined) break
      if (i === MAX_COPIES - 1) {
        throw conflict(store, `session ${from}: other requests saved it first ${MAX_COPIES} times`)
      }
    }
  } catch (error) {
    if (copy !== undefined) await store.remove(to).catch(() => undefined) // the first error says best why
    throw error
  }
  if (copy !== undefined) await store.remove(to)
  return false
}

async function copyTo(store: Copying, to: string, data: string, ttl: number, copy?: Version): Promise<Version> {
  const version = await store.save(to, data, ttl, copy, newVersion())
  if (version !== false) return version
  throw conflict(store, copy === undefined ? `session ${to}: the id is taken` : `session ${to}: its copy was changed`)
}

const conflict = ({ provider }: Copying, message: string): SessionError =>
  new SessionError('SESS_CONFLICT', message, { provider })
