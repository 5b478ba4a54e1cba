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
import { createExclusive, hasCode, remove, rename, storeError, writeAndClose } from './file-io.js'
import type { FileRoot } from './file-root.js'

/** Milliseconds after which a lock is taken for abandoned. An owner needs one or two of them. */
const LEASE = 4000
/** The longest wait between two looks, in milliseconds. */
const MAX_WAIT = 8
/** Milliseconds by which a lock may be ahead: file systems date finer than `Date.now()`, and some by another's clock. */
const AHEAD = 1000

export class FileLock {
  readonly #path: string
  readonly #fd: number
  readonly #since = Date.now()
  readonly #began = performance.now()
  #isOpen = true
  #published = false

  private constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
  }

  /**
   * Runs `fn` while nobody else holds the lock of a session's file.
   * @param timeout seconds to wait for it
   * @throws {SessionError} `SESS_TIMEOUT` when others hold it too long; `SESS_STORE` when the file system fails
   */
  static async hold<T>(root: FileRoot, id: string, timeout: number, fn: (lock: FileLock) => Promise<T>): Promise<T> {
    const lock = await FileLock.#acquire(root, root.pathOf(id), Date.now() + timeout * 1000)
    try {
      return await fn(lock)
    } finally {
      await lock.#release()
    }
  }

  static async #acquire(root: FileRoot, path: string, deadline: number): Promise<FileLock> {
    for (;;) {
      try {
        return new FileLock(path, await root.createLock(`${path}.lock`))
      } catch (error) {
        if (error instanceof SessionError) throw error // the whole directory is away
        if (!hasCode(error, 'EEXIST')) storeError('write', path)(error)
      }
      if (Date.now() > deadline) throw new SessionError('SESS_TIMEOUT', `${path} stayed locked`, { provider: 'file' })
      await new Promise((done) => setTimeout(done, Math.random() * MAX_WAIT))
      await breakIfAbandoned(`${path}.lock`)
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
    await rename(`${this.#path}.lock`, this.#path).catch(storeError('replace', this.#path))
    this.#published = true
  }

  async #release(): Promise<void> {
    if (this.#isOpen) await writeAndClose(this.#fd, '')
    if (this.#published || this.#age > LEASE) return
    await remove(`${this.#path}.lock`)
  }
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

async function isOlderThanLease(path: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs
    if (age < -AHEAD) await utimes(path, new Date(), new Date())
    return age > LEASE
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}
