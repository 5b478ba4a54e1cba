/**
 * Who shares which open directory.
 * @module
 */
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { makeDirectory, SessionError } from '@sess/core'
import { Database } from './database.js'
import type { Realm } from './database.js'
import type { Operation } from './direct-level.js'
import { openError, operationError } from './errors.js'
import type { KeyRange } from './layout.js'

/** Under a global symbol, so that the ESM and the CommonJS copy of this package share them. */
const DATABASES = Symbol.for('@sess/leveldb.databases.1')
const databases: Map<string, Database> = ((globalThis as Record<symbol, unknown>)[DATABASES] ??= new Map()) as never

/** Whether this process has the directory open. */
export const isOpenHere = (location: string): boolean => databases.has(location)

/** One manager's use of a directory. Errors say which provider it is, and what to do. */
export class Lease {
  readonly location: string
  readonly provider: string
  readonly #database: Database
  #isOver = false

  private constructor(location: string, provider: string, database: Database) {
    this.location = location
    this.provider = provider
    this.#database = database
  }

  /**
   * Makes the directory when it is missing, for the owner alone: LevelDB's files in it would be readable by all.
   * @throws {SessionError} `SESS_STORE` when another process has it or it can't be opened; `SESS_CORRUPT` when it is
   *   damaged
   */
  static async of(directory: string, provider: string): Promise<Lease> {
    let location = resolve(directory)
    try {
      await makeDirectory(location)
      location = await realpath(location)
      const database = databases.get(location) ?? new Database(location)
      databases.set(location, database)
      await database.enter()
      return new Lease(location, provider, database)
    } catch (error) {
      forget(location)
      throw openError(error, location, provider)
    }
  }

  /** Whether the directory is open: it is not for a moment after a failed write, and after the end. */
  get isOpen(): boolean {
    return !this.#isOver && this.#database.isOpen
  }

  realm(name: string): Realm {
    return this.#database.realm(name)
  }

  async end(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#database.leave()
    forget(this.location)
  }

  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.#use(() => this.#database.getMany(keys))
  }

  write(operations: readonly Operation[], sync: boolean): Promise<void> {
    return this.#use(() => this.#database.write(operations, sync))
  }

  async *keys(range: KeyRange): AsyncGenerator<Buffer[]> {
    await this.#open()
    try {
      yield* this.#database.keys(range)
    } catch (error) {
      throw operationError(error, this.location, this.provider)
    }
  }

  async #use<T>(fn: () => Promise<T>): Promise<T> {
    if (!this.#database.isOpen) await this.#open()
    try {
      return await fn()
    } catch (error) {
      throw operationError(error, this.location, this.provider)
    }
  }

  /** It is closed after a failed write. After the end, opening it would keep everybody else out. */
  async #open(): Promise<void> {
    if (this.#isOver) {
      throw new SessionError('SESS_CLOSED', `${this.location} was closed`, { provider: this.provider })
    }
    try {
      await this.#database.open()
    } catch (error) {
      throw openError(error, this.location, this.provider)
    }
  }
}

function forget(location: string): void {
  if (databases.get(location)?.isUsed === false) databases.delete(location)
}
