/**
 * One directory, open once in this process however many managers use it.
 * @module
 */
import { Turns } from '@sess/core'
import { Level } from 'level'
import { Known } from './known.js'
import type { KeyRange } from './layout.js'

/** Part of a batch. */
export type Operation = { type: 'put'; key: Buffer; value: Buffer | string } | { type: 'del'; key: Buffer }

/** What all users of one layout in one directory share. */
export interface Realm {
  readonly turns: Turns
  readonly known: Known
}

const BYTES = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** Keys that an iterator fetches at a time, off the event loop; a batch of the sweep is a few milliseconds on it. */
const KEYS_AT_ONCE = 100

export class Database {
  readonly #level: Level<Buffer, Buffer>
  readonly #realms = new Map<string, Realm>()
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #users = 0

  constructor(location: string) {
    this.#level = new Level(location, BYTES)
  }

  get isUsed(): boolean {
    return this.#users > 0
  }

  get isOpen(): boolean {
    return this.#opening !== undefined && this.#level.status === 'open'
  }

  async enter(): Promise<void> {
    this.#users++
    try {
      await this.open()
    } catch (error) {
      this.#users--
      throw error
    }
  }

  /** Who leaves last closes. */
  async leave(): Promise<void> {
    if (--this.#users === 0) await this.#close()
  }

  realm(name: string): Realm {
    const realm = this.#realms.get(name) ?? { turns: new Turns(), known: new Known() }
    this.#realms.set(name, realm)
    return realm
  }

  /** Opens the directory unless it is open. A failure is told to all who wait; who comes later tries again. */
  open(): Promise<void> {
    return (this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    }))
  }

  async #open(): Promise<void> {
    await this.#closing
    await this.#level.open()
  }

  #close(): Promise<void> {
    this.#opening = undefined
    for (const { known } of this.#realms.values()) known.clear()
    this.#closing = this.#level.close()
    return this.#closing
  }

  /** All as of one moment. */
  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.#level.getMany(keys)
  }

  /**
   * All or nothing. After a write that failed (a full disk), the log may end in the midst of a record, and LevelDB may
   * refuse all writes: the directory is closed, and opened anew by whoever comes next.
   * @param sync whether to wait until the disk has it
   */
  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    const opening = this.#opening
    try {
      await this.#level.batch<Buffer, Buffer>(operations.map(encoded), { sync })
    } catch (error) {
      if (opening === this.#opening && this.isOpen) await this.#close()
      throw error
    }
  }

  /** Keys as of the moment of the call, a hundred at a time. */
  async *keys(range: KeyRange): AsyncGenerator<Buffer[]> {
    const iterator = this.#level.keys({ ...range, fillCache: false })
    try {
      for (;;) {
        const keys = await iterator.nextv(KEYS_AT_ONCE)
        if (keys.length === 0) return
        yield keys
      }
    } finally {
      await iterator.close()
    }
  }
}

/** Text becomes bytes in LevelDB's own binding. */
function encoded(operation: Operation): { type: 'put'; key: Buffer; value: Buffer } | { type: 'del'; key: Buffer } {
  if (operation.type === 'del' || typeof operation.value !== 'string') return operation as never
  return { ...operation, valueEncoding: 'utf8' } as never
}
