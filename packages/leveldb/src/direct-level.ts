/**
 * LevelDB by way of `level`, with operations that go to its binding as they are.
 * @module
 */
import { SessionError } from '@sess/core'
import { Level } from 'level'

/** Part of a batch. Text becomes bytes in LevelDB's own binding. */
export type Operation = { type: 'put'; key: Buffer; value: Buffer | string } | { type: 'del'; key: Buffer }

const BYTES = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** A batch in the binding's memory, as each implementation of abstract-level has it, without that one's checks. */
interface NativeBatch {
  _put(key: Buffer, value: Buffer | string): void
  _del(key: Buffer): void
  _write(options: { sync: boolean }): Promise<void>
  _clear(): void
}

/** A directory of LevelDB whose keys and values are bytes. */
export class DirectLevel extends Level<Buffer, Buffer> {
  declare protected readonly _chainedBatch: () => NativeBatch
  declare protected readonly _close: () => Promise<void>
  /** One for all writes: its memory is freed by a full garbage collection only, which it doesn't provoke. */
  #batch: NativeBatch | undefined

  constructor(location: string) {
    super(location, BYTES)
  }

  /** Gives back what an attempt to open took that failed: `close` would not, and every request makes another. */
  discard(): Promise<void> {
    return this._close()
  }

  /**
   * All or nothing; one call at a time. `batch` would first copy each operation, and its binding takes it apart by names,
   * which takes as long as LevelDB's own work.
   * @param sync whether to wait until the disk has it
   * @throws {SessionError} `SESS_CLOSED` when the directory is not open
   */
  async write(changes: readonly (readonly Operation[])[], sync: boolean): Promise<void> {
    if (this.status !== 'open') throw new SessionError('SESS_CLOSED', `${this.location} is not open`)
    const batch = (this.#batch ??= this._chainedBatch())
    try {
      for (const operations of changes) for (const operation of operations) add(operation, batch)
      await batch._write({ sync })
    } finally {
      batch._clear()
    }
  }
}

function add(operation: Operation, batch: NativeBatch): void {
  if (operation.type === 'put') batch._put(operation.key, operation.value)
  else batch._del(operation.key)
}
