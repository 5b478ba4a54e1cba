/**
 * What the storage needs of a driver.
 * @module
 */

/** Milliseconds after which also what no request waits for is given up. */
export const LONGEST = 600_000

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
  /** Nobody knows what became of an earlier attempt: what this one did not find to do may have been done by that one. */
  readonly repeated: boolean
}

/** A pool of connections. */
export interface Database {
  /**
   * Runs a statement that commits by itself. A failure that surely changed nothing is tried again, and so is one by which
   * the server ended it.
   * @param repeatable whether the statement may be carried out once more at any time, so that a lost answer is no error
   */
  run(statement: Statement, repeatable: boolean): Promise<Answer>
  /** Runs one that may look at the whole table, and that no request waits for, without the limit of theirs. */
  runUnhurried(statement: Statement): Promise<Answer>
  /** Whether a statement failed since the key is taken. */
  isDuplicate(error: unknown): boolean
  /** Whether a statement failed by what it is, and left nothing behind, so that a part of it may go well. */
  isRefused(error: unknown): boolean
  /** Closes the pool if it is ours. */
  close(): Promise<void>
}

/** A record on its way into the table. */
export interface Save {
  readonly id: string
  readonly data: Buffer
  /** Whole seconds. */
  readonly ttl: number
}

/** One that replaces the row whose `data` starts with `version`, up to the record. */
export interface Update extends Save {
  readonly version: Buffer
}

/**
 * The statements of one table. An expired row is as good as none, except to `create` and `removeExpired`. Times to live
 * are whole seconds.
 */
export interface Statements {
  /** Rows of key, data and seconds left. */
  load(ids: readonly string[]): Statement
  /** Changes a row, or fails as a duplicate, or does nothing, when the key is taken. */
  create(save: Save): Statement
  update(update: Update): Statement
  /** Divides saves of different ids, in their order, into those that share a statement. */
  createGroups(saves: readonly Save[]): readonly (readonly Save[])[]
  updateGroups(updates: readonly Update[]): readonly (readonly Update[])[]
  /**
   * Rows of the keys that were saved, the others were not. Or no rows: then as many were saved as it says, and if these
   * are not all, one of them was gone.
   */
  createAll(saves: readonly Save[]): Statement
  updateAll(updates: readonly Update[]): Statement
  touch(id: string, ttl: number): Statement
  remove(id: string): Statement
  removeExpired(id: string): Statement
  /**
   * Fails as a duplicate when the new key is taken, and does nothing after `until`, in milliseconds since the epoch by the
   * database's clock.
   */
  rename(from: string, to: string, ttl: number, until: number): Statement
  /** One row with the milliseconds since the epoch. */
  now(): Statement
  /** A row if there is one. */
  exists(id: string): Statement
  /** One row with the number. */
  count(): Statement
}
