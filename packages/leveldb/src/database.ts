/**
 * One directory, open once in this process however many managers use it.
 * @module
 */
import { Turns } from '@sess/core'
import type { Awaitable } from '@sess/core'
import { Batcher } from './batcher.js'
import { DirectLevel } from './direct-level.js'
import type { Operation } from './direct-level.js'
import { Known } from './known.js'
import type { KeyRange } from './layout.js'

/** What all users of one layout in one directory share. */
export interface Realm {
  readonly turns: Turns
  readonly known: Known
}

/** A change: all of its operations or none. */
interface Write {
  readonly operations: readonly Operation[]
  /** Whether to wait until the disk has it. */
  readonly sync: boolean
}

type Values = (Buffer | undefined)[]

/** Keys that an iterator fetches at a time, off the event loop; a batch of the sweep is a few milliseconds on it. */
const KEYS_AT_ONCE = 100

/**
 * Bytes that LevelDB gathers before it writes and merges files. Its default, a quarter of this, makes a session that begins
 * a sixth dearer. It takes up to twice as much memory, and a start reads as much again after a crash.
 */
const WRITE_BUFFER = 16 * 1024 * 1024

/** Characters that are written in one batch: LevelDB's own groups of writes have as many bytes. */
const WRITTEN_AT_ONCE = 1024 * 1024
/** Keys that are read in one batch, and batches of them at a time, so that a disk that is slow reads for several. */
const READ_AT_ONCE = 32
const BATCHES_OF_READS = 4

export class Database {
  readonly #level: DirectLevel
  /** One batch at a time: behind one that failed, none may be written into the same log. */
  readonly #writes = new Batcher<Write, void>({
    run: (writes) => this.#write(writes),
    weightOf: ({ operations }) => operations.reduce((sum, operation) => sum + lengthOf(operation), 0),
    fullWeight: WRITTEN_AT_ONCE,
    atOnce: 1,
  })
  readonly #reads = new Batcher<Buffer[], Values>({
    run: (reads) => this.#read(reads),
    weightOf: (keys) => keys.length,
    fullWeight: READ_AT_ONCE,
    atOnce: BATCHES_OF_READS,
  })
  readonly #realms = new Map<string, Realm>()
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #users = 0
  #wasOpen = false

  constructor(location: string) {
    this.#level = new DirectLevel(location)
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

  /** What was there at start and is not any more went away; one made in its place would log everybody out. */
  async #open(): Promise<void> {
    if (this.#closing) await this.#closing // else in the turn of the constructor, which would open by itself
    try {
      await this.#level.open({ createIfMissing: !this.#wasOpen, writeBufferSize: WRITE_BUFFER })
    } catch (error) {
      await this.#level.discard()
      throw error
    }
    this.#wasOpen = true
  }

  #close(): Promise<void> {
    this.#opening = undefined
    for (const { known } of this.#realms.values()) known.clear()
    this.#closing = this.#level.close()
    return this.#closing
  }

  /** All as of one moment. */
  getMany(keys: Buffer[]): Promise<Values> {
    return this.#reads.add(keys)
  }

  /** Where reading all fails, since one of them lies where the disk is damaged, each is read by itself. */
  async #read(reads: Buffer[][]): Promise<Awaitable<Values>[]> {
    await this.#reopen()
    try {
      const values = await this.#level.getMany(reads.flat())
      let start = 0
      return reads.map(({ length }) => values.slice(start, (start += length)))
    } catch (error) {
      if (reads.length === 1) throw error
      return reads.map((keys) => this.#level.getMany(keys))
    }
  }

  /**
   * All or nothing, in one batch with what others write meanwhile. After one that failed (a full disk), the log may end
   * in the midst of a record, and LevelDB may refuse all writes: the directory is closed, and opened anew by whoever
   * comes next.
   * @param sync whether to wait until the disk has it
   */
  write(operations: readonly Operation[], sync: boolean): Promise<void> {
    return this.#writes.add({ operations, sync })
  }

  async #write(writes: readonly Write[]): Promise<void[]> {
    await this.#reopen()
    const changes = writes.map(({ operations }) => operations)
    const sync = writes.some((write) => write.sync)
    try {
      await this.#level.write(changes, sync)
    } catch (error) {
      if (this.isOpen) await this.#close()
      throw error
    }
    return writes.map(() => undefined)
  }

  /** It may have been closed while a batch waited. Who is no user any more opens nothing. */
  async #reopen(): Promise<void> {
    if (!this.isOpen && this.isUsed) await this.open()
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

const lengthOf = (operation: Operation): number => (operation.type === 'put' ? operation.value.length : 0)
