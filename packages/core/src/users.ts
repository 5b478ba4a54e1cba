/**
 * Which sessions a user has. The index of one user is itself a record, `~` and a hash of the user, with one key a
 * session, so that it works on every provider and parallel log-ins merge like any other change.
 *
 * The order of writes is what keeps it honest: an entry is there before its session is, and goes after it. A crash in
 * between leaves an entry without a session, which the next look removes, never a session that is not listed.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { inParallel } from './in-parallel.js'
import { OptionError, SessionError, show, undefinedIfCorrupt } from './errors.js'
import type { ManagedProvider, ManagedStore } from './managed-store.js'
import { damaged, LIFETIME, own, sound } from './own-keys.js'
import { RefreshMemory } from './refresh-memory.js'
import { idOf } from './token.js'
import { isEntry, isExpired, isTooOld, isYoung, sessionOf } from './user-entry.js'
import type { Entry, Lifetimes, UserSession } from './user-entry.js'

/** What the index needs of the manager. */
export interface IndexHost extends Lifetimes {
  readonly provider: ManagedProvider
  readonly idLength: number
  readonly clock: () => number
  /** Asks the provider, within its time. */
  call<T>(doing: string, fn: () => Awaitable<T>): Promise<T>
}

const MAX_LABEL = 1000
/** How often another process may be quicker to begin or to end the same index. */
const MAX_ATTEMPTS = 10

/** @throws {OptionError} `SESS_OPTION` on what names nobody */
export function checkUserId(userId: unknown): string {
  if ((typeof userId === 'string' && userId !== '') || Number.isSafeInteger(userId)) return String(userId)
  throw new OptionError('userId', 'a text that is not empty, or a whole number', show(userId))
}

/** @throws {OptionError} `SESS_OPTION` on what is no label */
export function checkLabel(label: unknown): string {
  if (typeof label === 'string') return label.slice(0, MAX_LABEL)
  throw new OptionError('label', 'a text', show(label))
}

export class UserIndex {
  readonly #host: IndexHost
  /** What this process wrote down as seen. */
  readonly #seen: RefreshMemory

  constructor(host: IndexHost) {
    this.#host = host
    this.#seen = new RefreshMemory(host.clock, (host.maxLifetime * 1000) / 60)
  }

  /** Whether the time at which a session was last seen has to be written down again. */
  isSeenDue(id: string): boolean {
    return this.#seen.isDue(id)
  }

  /** Lists a session that is about to begin. What expired goes: nothing else takes an entry away that nobody logs out. */
  async add(userId: string, id: string, label: string, lifetime: number | undefined): Promise<void> {
    const entry = { ...this.#newEntry(), label, ...ownLifetime(lifetime) }
    await this.#change(userId, (index) => {
      for (const other of idsIn(index)) this.#dropIfExpired(index, other)
      index.apply(id, () => entry)
      outlive(index, lifetime)
    })
    this.#seen.mark(id)
  }

  /** Looks again at the moment of saving: it may be seen meanwhile. A damaged one is not to keep the user out. */
  #dropIfExpired(index: ManagedStore, id: string): void {
    const { clock } = this.#host
    const isOver = (entry: unknown): boolean => isEntry(entry) && isExpired(entry, clock(), this.#host)
    if (!isOver(index.get(id))) return
    index.apply(id, (entry) => (isOver(entry) ? undefined : entry))
  }

  /**
   * Lists a session under the id that it is about to get, with what is known of it. False when somebody is about to end
   * it, under both ids.
   */
  async move(userId: string, from: string, to: string): Promise<boolean> {
    const changed = await this.#change(userId, (index) => {
      const entry = entryOf(index, from)
      index.apply(to, () => ({ ...this.#newEntry(), ...entry, seen: this.#host.clock() }))
    })
    for (const id of [from, to]) this.#seen.mark(id) // a parallel request is not to list the old one again
    return !isEnded(changed, from)
  }

  /** Writes down that a session is used; one that is not listed any more is listed again. */
  async see(userId: string, id: string, lifetime: number | undefined): Promise<void> {
    const seen = this.#host.clock()
    await this.#change(userId, (index) => {
      index.apply(id, (entry) => ({
        ...this.#newEntry(),
        ...entryFrom(index, id, entry),
        seen,
        ...ownLifetime(lifetime),
      }))
      outlive(index, lifetime)
    })
    this.#seen.mark(id)
  }

  /** An index that can't be read lists nobody: who ends a session is not to meet that error. */
  async remove(userId: string, ...ids: readonly string[]): Promise<void> {
    const index = await this.#open(userId).catch(undefinedIfCorrupt)
    const listed = ids.filter((id) => index?.has(id))
    if (!index || listed.length === 0) return
    for (const id of listed) index.delete(id)
    await this.#release(index)
  }

  /** Whether a session is listed and nobody is about to end it. */
  async has(userId: string, id: string): Promise<boolean> {
    const index = await this.#open(userId)
    const entry = index && entryOf(index, id)
    return entry !== undefined && entry.ended !== true
  }

  /** The user's living sessions, the last seen first. Entries without a session are removed. */
  async list(userId: string): Promise<UserSession[]> {
    const index = await this.#open(userId)
    if (!index) return []
    const ids = idsIn(index)
    const living = await this.#livingOf(index, ids)
    const dead = ids.filter((id) => !living.has(id) && !this.#mayBegin(entryOf(index, id)!))
    for (const id of dead) index.delete(id)
    if (dead.length > 0) await this.#release(index)
    return [...living]
      .map((id) => sessionOf(id, entryOf(index, id)!))
      .sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime())
  }

  /** Those of the ids under which there is a session. */
  async #livingOf(index: ManagedStore, ids: readonly string[]): Promise<Set<string>> {
    const { provider, clock } = this.#host
    const inTime = ids.filter((id) => !isTooOld(entryOf(index, id)!, clock(), this.#host))
    const found = await inParallel(inTime, (id) => this.#host.call('look up', () => provider.exist(id)))
    return new Set(inTime.filter((_, n) => found[n]))
  }

  /** Whether the session of an entry may be about to begin. */
  #mayBegin(entry: Entry): boolean {
    return isYoung(entry, this.#host.clock()) && entry.ended !== true
  }

  /**
   * Marks the user's sessions as ended; they are the caller's to destroy. One whose log-in is under way finds its entry
   * marked, and ends itself. `count`: how many of them live or are about to.
   */
  async end(userId: string, except: readonly string[]): Promise<{ ids: string[]; count: number }> {
    const index = await this.#open(userId)
    if (!index) return { ids: [], count: 0 }
    const others = (): string[] => idsIn(index).filter((id) => !except.includes(id))
    // What was listed while the others were marked, such as a session under its next id, is seen and marked then.
    for (let attempt = 0; attempt < MAX_ATTEMPTS && !others().every((id) => isEnded(index, id)); attempt++) {
      for (const id of others())
        index.apply(id, (entry) => (entry !== undefined ? { ...this.#endable(entry), ended: true } : undefined))
      await this.#release(index)
    }
    const ids = others()
    const living = await this.#livingOf(index, ids)
    const isCounted = (id: string): boolean => living.has(id) || isYoung(entryOf(index, id)!, this.#host.clock())
    return { ids, count: ids.filter(isCounted).length }
  }

  /** A session whose entry is damaged is ended like the others; nothing is known of it but its id. */
  #endable(entry: unknown): Entry {
    return isEntry(entry) ? entry : { ...this.#newEntry(), seen: 0 }
  }

  #newEntry(): Entry {
    const now = this.#host.clock()
    return { created: now, seen: now, label: '' }
  }

  /** Gives the index as it is then, with what others wrote. */
  async #change(userId: string, change: (index: ManagedStore) => void): Promise<ManagedStore> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const index = (await this.#open(userId)) ?? this.#host.provider.create(this.#idOf(userId))
      change(index)
      try {
        await this.#release(index)
        if (index.outcome !== 'gone') return index
      } catch (error) {
        const wasTaken = error instanceof SessionError && error.code === 'SESS_CONFLICT'
        if (!wasTaken) throw error // another log-in made the index first: it can be opened now
      }
    }
    throw new SessionError('SESS_CONFLICT', `the sessions of a user: others were quicker ${MAX_ATTEMPTS} times`)
  }

  #open(userId: string): Promise<ManagedStore | undefined> {
    return this.#host.call('load', () => this.#host.provider.find(this.#idOf(userId)))
  }

  #release(index: ManagedStore): Promise<void> {
    return this.#host.call('save', () => index.commit())
  }

  #idOf(userId: string): string {
    return `~${idOf(userId, this.#host.idLength - 1)}`
  }
}

const idsIn = (index: ManagedStore): string[] => [...index.keys()].filter((key) => key !== LIFETIME)

const entryOf = (index: ManagedStore, id: string): Entry | undefined => entryFrom(index, id, index.get(id))

/** @throws {SessionError} `SESS_CORRUPT` on what is no entry */
function entryFrom(index: ManagedStore, id: string, value: unknown): Entry | undefined {
  if (value === undefined || isEntry(value)) return value
  throw damaged(index.id, id, "an entry of a user's sessions", value)
}

/** The index of a user lives as long as the one session of all that lives longest. */
function outlive(index: ManagedStore, lifetime: number | undefined): void {
  if (lifetime === undefined || lifetime <= (own(index, LIFETIME) ?? 0)) return
  index.apply(LIFETIME, (longest) => Math.max(sound(index.id, LIFETIME, longest) ?? 0, lifetime))
}

function isEnded(index: ManagedStore, id: string): boolean {
  const entry = index.get(id)
  return isEntry(entry) && entry.ended === true
}

/** Nothing where it is `maxLifetime`: most entries are short. */
const ownLifetime = (lifetime: number | undefined): { lifetime?: number } =>
  lifetime === undefined ? {} : { lifetime }
