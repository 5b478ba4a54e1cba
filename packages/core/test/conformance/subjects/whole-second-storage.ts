import type { Loaded, Storage } from '../../../src/index.js'

interface Row {
  data: string
  version: number
  /** Whole seconds. */
  until: number
}

const now = (): number => Math.floor(Date.now() / 1000)

/**
 * A store as memcached is one: it makes the versions, doesn't tell the one of a save, counts whole seconds, tells no
 * expiry, and removes what expired by itself.
 */
export class WholeSecondStorage implements Storage {
  readonly #rows: Map<string, Row>
  static #versions = 0

  constructor(rows: Map<string, Row> = new Map()) {
    this.#rows = rows
  }

  another(): WholeSecondStorage {
    return new WholeSecondStorage(this.#rows)
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const row = await this.#find(id)
    if (row && ttl !== undefined) row.until = now() + ttl
    return row && { data: row.data, version: row.version }
  }

  async save(id: string, data: string, ttl: number, expected: number | undefined): Promise<boolean> {
    const row = await this.#find(id)
    if (row?.version !== expected) return false
    this.#rows.set(id, { data, version: ++WholeSecondStorage.#versions, until: now() + ttl })
    return true
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    const row = await this.#find(id)
    if (row) row.until = now() + ttl
    return row !== undefined
  }

  async remove(id: string): Promise<void> {
    await this.#find(id)
    this.#rows.delete(id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const row = await this.#find(from)
    if (!row) return false
    if (this.#living(to)) throw new Error('the id is taken')
    this.#rows.delete(from)
    this.#rows.set(to, { ...row, version: ++WholeSecondStorage.#versions, until: now() + ttl })
    return true
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#find(id)) !== undefined
  }

  async count(): Promise<number> {
    return [...this.#rows.keys()].filter((id) => !id.startsWith('~') && this.#living(id)).length
  }

  async #find(id: string): Promise<Row | undefined> {
    await new Promise(setImmediate)
    return this.#living(id)
  }

  #living(id: string): Row | undefined {
    const row = this.#rows.get(id)
    return row && row.until > now() ? row : undefined
  }
}
