/**
 * LevelDB by way of `level`, with batches that go to its binding as they are.
 * @module
 */
import { SessionError } from '@sess/core'
import { Level } from 'level'

/** Part of a batch. Text becomes bytes in LevelDB's own binding. */
export type Operation = { type: 'put'; key: Buffer; value: Buffer | string } | { type: 'del'; key: Buffer }

const BYTES = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** A directory of LevelDB whose keys and values are bytes. */
export class DirectLevel extends Level<Buffer, Buffer> {
  /** What each implementation of abstract-level has for a batch whose keys and values are encoded. */
  declare protected readonly _batch: (operations: readonly Operation[], options: { sync: boolean }) => Promise<void>
  declare protected readonly _close: () => Promise<void>

  constructor(location: string) {
    super(location, BYTES)
  }

  /** Gives back what an attempt to open took that failed: `close` would not, and every request makes another. */
  discard(): Promise<void> {
    return this._close()
  }

  /**
   * All or nothing. `batch` would first copy each operation, which takes several times as long as LevelDB's write.
   * @param sync whether to wait until the disk has it
   * @throws {SessionError} `SESS_CLOSED` when the directory is not open
   */
  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    if (this.status !== 'open') throw new SessionError('SESS_CLOSED', `${this.location} is not open`)
    await this._batch(operations, { sync })
  }
}
