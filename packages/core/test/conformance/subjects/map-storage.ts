import type { Loaded, Storage, Version } from '../../../src/index.js'
import { SessionError } from '../../../src/index.js'

export interface Entry {
  data: string
  version: Version
  expiresAt: number
}

/** What two instances share, as two processes share a server. */
export class MapServer {
  readonly entries: Map<string, Entry> = new Map()
  readonly clock: () => number
  isAway: boolean = false

  constructor(clock: () => number = Date.now) {
    this.clock = clock
  }

  /** Each request to it takes a moment, so that others get in between. */
  async reached(): Promise<void> {
    await new Promise(setImmediate)
    if (this.isAway) throw new Error('connection refused')
  }

  living(id: string): Entry | undefined {
    const entry = this.entries.get(id)
    return entry && entry.expiresAt > this.clock() ? entry : undefined
  }
}

/** A storage that keeps every sentence; the faulty ones derive from it. */
export class MapStorage implements Storage {
  readonly server: MapServer

  constructor(server: MapServer) {
    this.server = server
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    await this.server.reached()
    const entry = this.server.living(id)
    if (entry && ttl !== undefined) entry.expiresAt = this.expiry(ttl)
    return entry && { ...entry }
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    await this.server.reached()
    if (this.server.living(id)?.version !== expected) return false
    this.server.entries.set(id, { data, version: next, expiresAt: this.expiry(ttl) })
    return next
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    await this.server.reached()
    const entry = this.server.living(id)
    if (entry) entry.expiresAt = this.expiry(ttl)
    return entry !== undefined
  }

  async remove(id: string): Promise<void> {
    await this.server.reached()
    this.server.entries.delete(id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    await this.server.reached()
    const entry = this.server.living(from)
    if (!entry) return false
    if (this.server.living(to)) throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`)
    this.server.entries.delete(from)
    this.server.entries.set(to, { ...entry, expiresAt: this.expiry(ttl) })
    return true
  }

  async exists(id: string): Promise<boolean> {
    await this.server.reached()
    return this.server.living(id) !== undefined
  }

  async count(): Promise<number> {
    await this.server.reached()
    return [...this.server.entries.keys()].filter((id) => !id.startsWith('~') && this.server.living(id)).length
  }

  async sweep(): Promise<number> {
    await this.server.reached()
    let removed = 0
    for (const id of this.server.entries.keys()) {
      if (this.server.living(id)) continue
      this.server.entries.delete(id)
      if (++removed % 100 === 0) await new Promise(setImmediate)
    }
    return removed
  }

  protected expiry(ttl: number): number {
    return this.server.clock() + ttl * 1000
  }
}
