/**
 * The directory of the provider `file`, and how one that went away while the application runs is told from one in which
 * a session is missing. A volume that was unmounted may leave its mount point, an empty directory; taken for the real
 * one, it would log everybody out.
 * @module
 */
import { opendir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createExclusive, hasCode, makeDirectory, makeOne, remove, replace, storeError } from './file-io.js'

export class FileRoot {
  readonly path: string
  /** Which directory it is, as the file system counts them. */
  #identity: string

  private constructor(path: string, identity: string) {
    this.path = path
    this.#identity = identity
  }

  /** Finds a directory that can't be written when the application starts, not at the first log-in. */
  static async make(path: string): Promise<FileRoot> {
    await makeDirectory(path).catch(storeError('make the directory', path))
    const probe = join(path, `.probe-${process.pid}-${Date.now()}`)
    await replace(probe, '').catch(storeError('write into', path))
    await remove(probe)
    return new FileRoot(path, await identityOf(path))
  }

  /** Two levels of directories, so that none gets too long. Ids hold no separator and no dot. */
  pathOf(id: string): string {
    return join(this.path, id.slice(0, 1), id.slice(1, 2) || '_', id)
  }

  /**
   * Another directory is taken for this one, mounted anew, unless it is empty.
   * @throws {SessionError} `SESS_STORE` when the directory of the start is not there
   */
  async check(): Promise<void> {
    const identity = await identityOf(this.path)
    if (identity === this.#identity) return
    if (await isEmpty(this.path)) away(this.path)(new Error('an empty one is in its place'))
    this.#identity = identity
  }

  /**
   * Creates a file that must not exist, and the two directories in which it lies; never the root, which would be another
   * one.
   */
  async createFile(path: string): Promise<number> {
    try {
      return await createExclusive(path)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
    const directory = dirname(path)
    if (!(await isMade(directory))) {
      await this.check() // an empty one in its place has no directory of the first level either
      await makeOne(dirname(directory))
      await makeOne(directory)
    }
    return createExclusive(path)
  }
}

/** False where the directory above it is missing. */
async function isMade(directory: string): Promise<boolean> {
  try {
    await makeOne(directory)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

const away = (path: string): ((error: unknown) => never) => storeError('find its directory', path)

async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true }).catch(away(path))
  return `${dev}:${ino}`
}

async function isEmpty(path: string): Promise<boolean> {
  for await (const _ of await opendir(path)) return false
  return true
}
