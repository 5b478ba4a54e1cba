/**
 * Brings changes into a storage so that none is lost: compare, set, and if somebody else was quicker, again on top of
 * what is there now. The changes of one process to one id queue up and go as one.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import type { Change } from './change.js'
import { SessionError } from './errors.js'
import { SUCCESSOR } from './own-keys.js'
import type { MergedRecord } from './record.js'
import { EMPTY_RECORD } from './record-text.js'
import type { Loaded, Storage, Version } from './storage.js'
import { within } from './timeout.js'
import { newVersion } from './token.js'

/** A record with the version under which the store holds it; no version where only the store knows it. */
export interface Base {
  readonly record: MergedRecord
  readonly version: Version | undefined
}

/** What became of a change: the record as it is now; `undefined`: the session is gone; it has another id by now. */
export type Committed = Base | undefined | 'moved'

interface Job {
  readonly change: Change
  /** What the change was made on; `undefined`: nothing, it creates the record. */
  readonly base: Base | undefined
  /** Whether nobody else can have the id of a record that it creates. */
  readonly isDrawn: boolean
  readonly done: (committed: Committed) => void
  readonly failed: (error: unknown) => void
}

/** How often a save is tried when others keep being quicker; each failure means that somebody else got through. */
const MAX_ATTEMPTS = 100
/** The longest wait between two attempts, in milliseconds. */
const MAX_WAIT = 50

/** What a committer is told of the records that it writes. */
export interface RecordRules {
  /** The record of an id, as the text says it. */
  readonly recordOf: (id: string, text: string) => MergedRecord
  /** Seconds that a saved record lives. */
  readonly ttlOf: (id: string, record: MergedRecord) => number
}

/** How changes get into a storage: see {@link Committer.commit}. */
export type Commit = (id: string, change: Change, base: Base | undefined, isDrawn: boolean) => Awaitable<Committed>

/** Commits the changes of one process; one instance for each storage. */
export class Committer {
  readonly #storage: Storage
  readonly #rules: RecordRules
  readonly #timeout: number
  readonly #waiting = new Map<string, Job[]>()

  /**
   * @param timeout seconds within which the storage has to answer, so that a silent one can't block the queue
   */
  constructor(storage: Storage, rules: RecordRules, timeout: number) {
    this.#storage = storage
    this.#rules = rules
    this.#timeout = timeout
  }

  /**
   * Resolves when the store has confirmed the change.
   * @param isDrawn whether nobody else can have the id of a new record
   * @throws {SessionError} `SESS_CONFLICT` when others were quicker too often; what the storage throws
   */
  commit(id: string, change: Change, base: Base | undefined, isDrawn: boolean): Promise<Committed> {
    return new Promise((done, failed) => {
      const job: Job = { change, base, isDrawn, done, failed }
      const queue = this.#waiting.get(id)
      if (queue) {
        queue.push(job)
        return
      }
      this.#waiting.set(id, [job])
      void this.#drain(id)
    })
  }

  /** Saves what waits for one id, batch after batch; each starts from what the one before left. Never rejects. */
  async #drain(id: string): Promise<void> {
    const queue = this.#waiting.get(id)!
    let latest: Base | undefined
    while (queue.length > 0) {
      const batch = queue.splice(0)
      try {
        const committed = await this.#save(id, batch, latest ?? batch[0]!.base)
        latest = committed === 'moved' ? undefined : committed
      } catch (error) {
        latest = undefined
        for (const job of batch) job.failed(error)
      }
    }
    this.#waiting.delete(id)
  }

  /** What a function leaves as it is, is no change only if it is what the store holds now, not when it was loaded. */
  async #save(id: string, batch: Job[], start: Base | undefined): Promise<Committed> {
    const next = newVersion()
    let jobs = batch
    let isCurrent = start !== undefined && start.version === undefined
    let base = isCurrent ? await this.#load(id) : start
    const creates = start === undefined
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (base === undefined && !(creates && attempt === 0)) return finish(jobs, undefined)
      if (base && isHandedOver(base.record)) return finish(jobs, 'moved')
      const { record, applied } = merge(base?.record ?? this.#rules.recordOf(id, EMPTY_RECORD), jobs)
      jobs = applied // one that failed was told so, and is not tried again
      if (jobs.length === 0) return base
      if (base === undefined || record.text !== base.record.text) {
        const version = await this.#trySave(id, record, base?.version, next, creates && batch[0]!.isDrawn)
        if (version !== false) return finish(jobs, { record, version: version === true ? undefined : version })
        if (creates) throw taken(id)
        await pause(attempt)
      } else if (isCurrent || !jobs.some(({ change }) => change.isComputed)) return finish(jobs, base)
      base = await this.#load(id, start)
      isCurrent = true
      if (base?.version === next) return finish(jobs, base)
    }
    throw new SessionError('SESS_CONFLICT', `session ${id}: other requests saved first ${MAX_ATTEMPTS} times`)
  }

  /** A save whose answer is lost was done if the store holds our version; else nobody knows, and it is an error. */
  async #trySave(
    id: string,
    record: MergedRecord,
    expected: Version | undefined,
    next: string,
    isDrawn: boolean,
  ): Promise<Version | boolean> {
    const ttl = this.#rules.ttlOf(id, record)
    const storage = this.#storage
    const saving = (): Awaitable<Version | boolean> =>
      isDrawn && storage.insert
        ? storage.insert(id, record.text, ttl, next)
        : storage.save(id, record.text, ttl, expected, next)
    try {
      return await within(this.#timeout, 'save', saving())
    } catch (error) {
      if (error instanceof SessionError) throw error // the storage knows what happened, or time is up
      const now = await this.#load(id).catch(() => {
        throw error // the store is away, and the first answer says best why
      })
      if (now?.version === next) return next
      throw error
    }
  }

  /** @param known given back where it is what the store still holds */
  async #load(id: string, known?: Base): Promise<Base | undefined> {
    const loaded = await within(this.#timeout, 'load', this.#storage.load(id))
    if (loaded && loaded.version === known?.version) return known
    return loaded && baseOf(this.#rules, id, loaded)
  }
}

/** What was loaded, as a base for changes. */
export function baseOf(rules: RecordRules, id: string, { data, version }: Pick<Loaded, 'data' | 'version'>): Base {
  return { record: rules.recordOf(id, data), version }
}

/** Whether a record is no session any more: a change that is made here would be lost. */
export const isHandedOver = (record: MergedRecord): boolean => record.textOf(SUCCESSOR) !== undefined

/** Applies the batch in order. A job whose function throws fails alone. */
function merge(start: MergedRecord, batch: Job[]): { record: MergedRecord; applied: Job[] } {
  let record = start
  const applied: Job[] = []
  for (const job of batch) {
    try {
      record = record.with(job.change)
      applied.push(job)
    } catch (error) {
      job.failed(error)
    }
  }
  return { record, applied }
}

function finish(jobs: Job[], committed: Committed): Committed {
  for (const job of jobs) job.done(committed)
  return committed
}

export const taken = (id: string): SessionError =>
  new SessionError('SESS_CONFLICT', `session ${id}: expected a free id for a new session, but the store has it already`)

/** The first retry goes at once, later ones after a random wait, so that processes don't march in step. */
function pause(attempt: number): Promise<void> | undefined {
  if (attempt === 0) return undefined
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(MAX_WAIT, 2 ** attempt)))
}
