/**
 * What the storage needs of a driver.
 * @module
 */

/** One statement and its values. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** What the database answered. */
export interface Answer {
  /** Each row as the list of its columns. */
  readonly rows: readonly (readonly unknown[])[]
  /** How many rows were inserted, updated or deleted. */
  readonly changed: number
  /** An earlier attempt's answer was lost: what this one did not find to do may have been done by that one. */
  readonly repeated: boolean
}

/** A pool of connections. */
export interface Database {
  /**
   * Runs a statement that commits by itself. A failure that surely changed nothing is tried again.
   * @param repeatable whether the statement may be carried out twice, so that a lost answer is no error
   */
  run(statement: Statement, repeatable: boolean): Promise<Answer>
  /** Whether a statement failed since the key is taken. */
  isDuplicate(error: unknown): boolean
  /** Closes the pool if it is ours. */
  close(): Promise<void>
}

/**
 * The statements of one table. An expired row is as good as none, except to `create` and `removeExpired`. Times to live
 * are whole seconds, `version` is the start of `data` up to the record.
 */
export interface Statements {
  /** Rows of key, data and seconds left. */
  load(ids: readonly string[]): Statement
  /** Changes a row, or fails as a duplicate, or does nothing, when the key is taken. */
  create(id: string, data: Buffer, ttl: number): Statement
  update(id: string, data: Buffer, ttl: number, version: Buffer): Statement
  touch(id: string, ttl: number): Statement
  remove(id: string): Statement
  removeExpired(id: string): Statement
  /** Fails as a duplicate when the new key is taken. */
  rename(from: string, to: string, ttl: number): Statement
  /** A row if there is one. */
  exists(id: string): Statement
  /** One row with the number. */
  count(): Statement
}
