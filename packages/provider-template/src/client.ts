/**
 * STAND-IN for the client of your store: replace this file by the client's package. It plays a server in this process,
 * which all clients of one address share, and shows the three things that a store needs: a write on condition, an
 * expiry, and a name that moves only to a free place. The server makes each of its steps without another one between.
 */

/** What lies under one key. */
export interface Item {
  readonly text: string
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const servers = new Map<string, Map<string, Item>>()

export class TemplateClient {
  readonly #address: string
  readonly #now: () => number
  #items: Map<string, Item> | undefined

  constructor(host: string, port: number, now: () => number = Date.now) {
    this.#address = `${host}:${port}`
    this.#now = now
  }

  async connect(): Promise<void> {
    this.#items = servers.get(this.#address) ?? new Map()
    servers.set(this.#address, this.#items)
  }

  async get(key: string): Promise<Item | undefined> {
    return this.#living(key)
  }

  /** Writes only if the item has this version; `undefined`: only if there is none. */
  async putIf(version: string | undefined, key: string, text: string, next: string, ttl: number): Promise<boolean> {
    if (this.#living(key)?.version !== version) return false
    this.#server.set(key, { text, version: next, expiresAt: this.#in(ttl) })
    return true
  }

  async expire(key: string, ttl: number): Promise<Item | undefined> {
    const item = this.#living(key)
    if (item) this.#server.set(key, { ...item, expiresAt: this.#in(ttl) })
    return this.#living(key)
  }

  async delete(key: string): Promise<void> {
    this.#server.delete(key)
  }

  async move(from: string, to: string, ttl: number): Promise<'moved' | 'absent' | 'taken'> {
    const item = this.#living(from)
    if (!item) return 'absent'
    if (this.#living(to)) return 'taken'
    this.#server.delete(from)
    this.#server.set(to, { ...item, expiresAt: this.#in(ttl) })
    return 'moved'
  }

  async keys(prefix: string): Promise<string[]> {
    return Array.from(this.#server.keys()).filter((key) => key.startsWith(prefix) && this.#living(key))
  }

  async close(): Promise<void> {
    this.#items = undefined
  }

  get #server(): Map<string, Item> {
    if (!this.#items) throw new Error('the connection is closed')
    return this.#items
  }

  #living(key: string): Item | undefined {
    const item = this.#server.get(key)
    if (!item || item.expiresAt > this.#now()) return item
    this.#server.delete(key)
    return undefined
  }

  #in(ttl: number): number {
    return this.#now() + ttl * 1000
  }
}
