/**
 * The directory of the provider `file`, and how one that went away while the application runs is told from one in which
 * a session is missing: by the file `.sess`, made at start. A volume that was unmounted may leave its mount point, an
 * empty directory; taken for the real one, it would log everybody out.
 * @module
 */
import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createExclusive, hasCode, makeDirectory, makeOne, replace, storeError } from './file-io.js'

const MARK = '.sess'

export class FileRoot {
  readonly path: string
  readonly #mark: string

  private constructor(path: string) {
    this.path = path
    this.#mark = join(path, MARK)
  }

  /** Finds a directory that can't be written when the application starts, not at the first log-in. */
  static async make(path: string): Promise<FileRoot> {
    const root = new FileRoot(path)
    await makeDirectory(path).catch(storeError('make the directory', path))
    await replace(root.#mark, '').catch(storeError('write into', path))
    return root
  }

  /** Two levels of directories, so that none gets too long. Ids hold no separator and no dot. */
  pathOf(id: string): string {
    return join(this.path, id.slice(0, 1), id.slice(1, 2) || '_', id)
  }

  /** @throws {SessionError} `SESS_STORE` when the directory is not the one of the start any more */
  async check(): Promise<void> {
    await access(this.#mark).catch(storeError('find what it made at start,', this.#mark))
  }

  /** Creates a session's lock, and the two directories in which it lies; never the root, which would be another one. */
  async createLock(lock: string): Promise<number> {
    try {
      return await createExclusive(lock)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
    await this.check()
    await makeOne(dirname(dirname(lock)))
    await makeOne(dirname(lock))
    return createExclusive(lock)
  }
}
