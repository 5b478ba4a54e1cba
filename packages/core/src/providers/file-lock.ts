/**
 * A lock on one file among processes, after git's protocol: the lock is the file `<path>.lock`, made exclusively; what
 * is to replace the file is written into it, and renaming it to `<path>` publishes and unlocks in one step.
 *
 * A process that dies leaves its lock behind. It is broken when it is older than `LEASE`; so that its owner, were it
 * only asleep, can't publish afterwards, an owner gives up at half of that. Clocks are set back: a lock that is dated in
 * the future is dated anew, and broken when it is older than `LEASE` from there.
 * @module
 */
import { stat, utimes } from 'node:fs/promises'
import { SessionError } from '../errors.js'
import { Slots } from '../slots.js'
import { createExclusive, hasCode, MAX_OPEN, remove, rename, storeError, writeAndClose } from './file-io.js'
import type { FileRoot } from './file-root.js'

/** Milliseconds after which a lock is taken for abandoned, and a file that isn't whole. Writing needs one or two of them. */
const LEASE = 4000
/** The longest wait between two looks, in milliseconds. */
const MAX_WAIT = 8
/** Milliseconds by which a lock may be ahead: file systems date finer than `Date.now()`, and some by another's clock. */
const AHEAD = 1000

/** Each lock is an open file. Whoever holds one may take another, or two could wait for each other's. */
const slots = new Slots(MAX_OPEN)

export class FileLock {
  readonly #path: string
  /** What is written, and renamed to the path where it is another one. */
  readonly #lock: string
  readonly #fd: number
  readonly #since = Date.now()
  readonly #began = performance.now()
  #isOpen = true
  #published = false

  private constructor(path: string, lock: string, fd: number) {
    this.#path = path
    this.#lock = lock
    this.#fd = fd
  }

  /**
   * Writes the file of a session whose id nobody knows yet, where it will stay: a lock would hold nobody off, and to
   * rename it takes file systems longer than all the rest. A walk over all files may see it before it is whole, and leaves
   * alone what is younger than `LEASE`.
   * @returns false where the file exists
   * @throws {SessionError} `SESS_TIMEOUT`, `SESS_STORE` as `hold`; there is no file then
   */
  static async create(root: FileRoot, id: string, text: string): Promise<boolean> {
    await slots.take()
    try {
      const path = root.pathOf(id)
      const lock = await FileLock.#make(root, path, path)
      if (!lock) return false
      await lock.#run(() => lock.publish(text))
      return true
    } finally {
      slots.give()
    }
  }

  /**
   * Runs `fn` while nobody else holds the lock of a session's file.
   * @param timeout seconds to wait for it
   * @param isSecond whether the caller holds one already
   * @throws {SessionError} `SESS_TIMEOUT` when others hold it too long; `SESS_STORE` when the file system fails
   */
  static async hold<T>(
    root: FileRoot,
    id: string,
    timeout: number,
    fn: (lock: FileLock) => Promise<T>,
    isSecond = false,
  ): Promise<T> {
    const deadline = Date.now() + timeout * 1000
    const path = root.pathOf(id)
    for (;;) {
      if (!isSecond) await slots.take()
      try {
        const lock = await FileLock.#make(root, path, `${path}.lock`)
        if (lock) return await lock.#run(fn)
      } finally {
        if (!isSecond) slots.give()
      }
      await waitForOther(path, deadline)
    }
  }

  /** `undefined` when others hold it. */
  static async #make(root: FileRoot, path: string, lock: string): Promise<FileLock | undefined> {
    try {
      return new FileLock(path, lock, await root.createFile(lock))
    } catch (error) {
      if (error instanceof SessionError) throw error // the whole directory is away
      return hasCode(error, 'EEXIST') ? undefined : storeError('write', path)(error)
    }
  }

  async #run<T>(fn: (lock: FileLock) => Promise<T>): Promise<T> {
    try {
      return await fn(this)
    } finally {
      await this.#release()
    }
  }

  /** By the clock that others go by, and by one that nobody sets back. */
  get #age(): number {
    return Math.max(Date.now() - this.#since, performance.now() - this.#began)
  }

  /** Replaces the file by this text, in one step for every reader, and unlocks. */
  async publish(text: string): Promise<void> {
    this.#isOpen = false
    await writeAndClose(this.#fd, text).catch(storeError('write', this.#path))
    if (this.#age > LEASE / 2) {
      throw new SessionError('SESS_TIMEOUT', `writing ${this.#path} took too long; nothing was changed`, {
        provider: 'file',
      })
    }
    if (this.#lock !== this.#path) await rename(this.#lock, this.#path).catch(storeError('replace', this.#path))
    this.#published = true
  }

  async #release(): Promise<void> {
    if (this.#isOpen) await writeAndClose(this.#fd, '')
    if (this.#published || this.#age > LEASE) return
    await remove(this.#lock)
  }
}

async function waitForOther(path: string, deadline: number): Promise<void> {
  if (Date.now() > deadline) throw new SessionError('SESS_TIMEOUT', `${path} stayed locked`, { provider: 'file' })
  await new Promise((done) => setTimeout(done, Math.random() * MAX_WAIT))
  await breakIfAbandoned(`${path}.lock`)
}

/** Removes a lock whose owner died. Only who holds `.breaking` may, so that nobody removes the lock that follows. */
export async function breakIfAbandoned(lock: string): Promise<void> {
  if (!(await isOlderThanLease(lock))) return
  const permit = `${lock}.breaking`
  try {
    await writeAndClose(await createExclusive(permit), '')
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    if (await isOlderThanLease(permit)) await remove(permit)
    return
  }
  try {
    if (await isOlderThanLease(lock)) await remove(lock)
  } finally {
    await remove(permit)
  }
}

/** Whether nobody writes this lock, or this new file, any more. False where there is none. */
export async function isOlderThanLease(path: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs
    if (age < -AHEAD) await utimes(path, new Date(), new Date())
    return age > LEASE
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}
