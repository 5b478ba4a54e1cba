import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { SessionError } from '@sess/core'
import type { Loaded, Storage, Version } from '@sess/core'

/** `expires_at` in milliseconds since the epoch. The ids differ by case, as SQLite compares texts by default. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, data TEXT NOT NULL, version TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at)
`

/** Each is one step for SQLite, whatever other processes do. */
const STATEMENTS = {
  load: 'SELECT data, version, expires_at FROM sessions WHERE id = ? AND expires_at > ?',
  refresh: 'UPDATE sessions SET expires_at = ? WHERE id = ? AND expires_at > ? RETURNING data, version, expires_at',
  touch: 'UPDATE sessions SET expires_at = ? WHERE id = ? AND expires_at > ?',
  create: `INSERT INTO sessions (id, data, version, expires_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET data = excluded.data, version = excluded.version, expires_at = excluded.expires_at
    WHERE sessions.expires_at <= ?`,
  replace: `UPDATE sessions SET data = ?, version = ?, expires_at = ?
    WHERE id = ? AND version = ? AND expires_at > ?`,
  remove: 'DELETE FROM sessions WHERE id = ?',
  removeExpired: 'DELETE FROM sessions WHERE id = ? AND expires_at <= ?',
  rename: 'UPDATE sessions SET id = ?, expires_at = ? WHERE id = ? AND expires_at > ?',
  count: "SELECT count(*) AS n FROM sessions WHERE expires_at > ? AND substr(id, 1, 1) <> '~'",
  sweep: 'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT 500)',
}

type Statements = Record<keyof typeof STATEMENTS, StatementSync>

const CONSTRAINT_PRIMARYKEY = 1555

/** One row for each record. The calls of `node:sqlite` are synchronous: a rejection is what they throw. */
export class SqliteStorage implements Storage {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #sql: Statements

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database
    this.#now = now
    database.exec(SCHEMA)
    const entries = Object.entries(STATEMENTS).map(([name, text]) => [name, database.prepare(text)])
    this.#sql = Object.fromEntries(entries) as Statements
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const row =
      ttl === undefined
        ? this.#sql.load.get(id, this.#now())
        : this.#sql.refresh.get(this.#expiry(ttl), id, this.#now())
    return row && { data: String(row['data']), version: String(row['version']), expiresAt: Number(row['expires_at']) }
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | false> {
    const [now, expiry] = [this.#now(), this.#expiry(ttl)]
    const { changes } =
      expected === undefined
        ? this.#sql.create.run(id, data, next, expiry, now)
        : this.#sql.replace.run(data, next, expiry, id, expected, now)
    return changes === 1 && next
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return this.#sql.touch.run(this.#expiry(ttl), id, this.#now()).changes === 1
  }

  async remove(id: string): Promise<void> {
    this.#sql.remove.run(id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    this.#sql.removeExpired.run(to, this.#now())
    try {
      return this.#sql.rename.run(to, this.#expiry(ttl), from, this.#now()).changes === 1
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== CONSTRAINT_PRIMARYKEY) throw error
      throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { cause: error, provider: 'sqlite' })
    }
  }

  async exists(id: string): Promise<boolean> {
    return this.#sql.load.get(id, this.#now()) !== undefined
  }

  async count(): Promise<number> {
    return Number(this.#sql.count.get(this.#now())!['n'])
  }

  /** In batches, between which requests get through. */
  async sweep(): Promise<number> {
    let removed = 0
    for (;;) {
      const { changes } = this.#sql.sweep.run(this.#now())
      if (changes === 0) return removed
      removed += Number(changes)
      await setImmediate()
    }
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #expiry(ttl: number): number {
    return this.#now() + Math.ceil(ttl * 1000)
  }
}
