import { SessionError } from '@sess/core'
import type { Loaded, Storage, Version } from '@sess/core'
import type { Item, TemplateClient } from './client.js'

/** One item for each record. What each method has to keep stands at `Storage` in `@sess/core`. */
export class TemplateStorage implements Storage {
  readonly #client: TemplateClient
  readonly #prefix: string

  constructor(client: TemplateClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const key = this.#key(id)
    return loaded(ttl === undefined ? await this.#client.get(key) : await this.#client.expire(key, ttl))
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | false> {
    // The store compares and writes in one step. It keeps `next`, so that core knows a save whose answer was lost.
    const version = expected as string | undefined
    return (await this.#client.putIf(version, this.#key(id), data, next, ttl)) && next
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return (await this.#client.expire(this.#key(id), ttl)) !== undefined
  }

  async remove(id: string): Promise<void> {
    await this.#client.delete(this.#key(id))
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const outcome = await this.#client.move(this.#key(from), this.#key(to), ttl)
    if (outcome === 'taken') throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`)
    return outcome === 'moved'
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#client.get(this.#key(id))) !== undefined
  }

  async count(): Promise<number> {
    const keys = await this.#client.keys(this.#prefix)
    return keys.filter((key) => !key.startsWith(`${this.#prefix}~`)).length
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  #key(id: string): string {
    return this.#prefix + id
  }
}

const loaded = (item: Item | undefined): Loaded | undefined =>
  item && { data: item.text, version: item.version, expiresAt: item.expiresAt }
