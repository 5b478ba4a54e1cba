/**
 * A provider that was written against `Provider` and `RawStore` alone, given what the layers above need. Each change is
 * made on a fresh read, while no other request of this process works on the same id: within one process nothing is lost
 * and nothing comes back. Among processes, the provider keeps what it keeps.
 * @module
 */
import type { Change } from './change.js'
import type { Codec } from './codec.js'
import type { ManagedProvider } from './managed-store.js'
import { FULL_CAPABILITIES, isManagedProvider } from './managed-store.js'
import type { Provider, ProviderCapabilities, ProviderConfig, ProviderContext, RawStore } from './provider.js'
import type { RecordView } from './record.js'
import type { RecordBase, RecordHost } from './record-store.js'
import { RecordStore } from './record-store.js'

/** Where keys are listed in a store that can't list them itself. */
const KEY_LIST = '@keys'

/** The provider as the manager uses it: as it is when core made it, else adopted. */
export function manage(provider: Provider): ManagedProvider {
  return isManagedProvider(provider) ? provider : new AdoptedProvider(provider)
}

class AdoptedProvider implements ManagedProvider, RecordHost<RecordBase> {
  readonly madeBy = '@sess/core' as const
  readonly name: string
  readonly #provider: Provider
  #codec!: Codec
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(provider: Provider) {
    this.#provider = provider
    this.name = provider.name ?? 'custom'
  }

  get capabilities(): ProviderCapabilities {
    return { ...FULL_CAPABILITIES, ...this.#provider.capabilities }
  }

  get codec(): Codec {
    return this.#codec
  }

  init(maxLifetime: number, config: ProviderConfig, context: ProviderContext): Promise<void> {
    this.#codec = context.codec
    return this.#provider.init(maxLifetime, config, context)
  }

  async find(id: string): Promise<RecordStore | undefined> {
    const raw = await this.#read(id)
    return raw && this.#store(id, raw)
  }

  create(id: string): RecordStore {
    return new RecordStore(this, id, undefined, false)
  }

  exist(id: string): Promise<boolean> {
    return this.#provider.exist(id)
  }

  destroy(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#provider.destroy(id))
  }

  regenerate(oldId: string, id: string): Promise<RecordStore> {
    return this.#inTurn(oldId, async () => this.#store(id, await this.#provider.regenerate(oldId, id)))
  }

  count(): Promise<number> {
    return this.#provider.count()
  }

  gc(): Promise<void> {
    return this.#provider.gc()
  }

  async close(): Promise<void> {
    await this.#provider.close?.()
  }

  commit(id: string, change: Change, base: RecordBase | undefined): Promise<RecordBase | undefined> {
    return this.#inTurn(id, async () => {
      const raw = base ? await this.#read(id) : await this.#create(id)
      if (!raw) return undefined
      change.applyTo(new RawEditor(raw, this.#codec))
      await raw.release()
      return { record: new RawView(raw, this.#codec) }
    })
  }

  /** Reading is using: a provider refreshes the expiry when it is read. */
  touch(id: string): Promise<boolean> {
    return this.#provider.exist(id)
  }

  #store(id: string, raw: RawStore): RecordStore {
    return new RecordStore(this, id, { record: new RawView(raw, this.#codec) }, false)
  }

  async #read(id: string): Promise<RawStore | undefined> {
    if (this.#provider.open) return this.#provider.open(id)
    return (await this.#provider.exist(id)) ? this.#provider.read(id) : undefined
  }

  async #create(id: string): Promise<RawStore> {
    return this.#provider.create?.(id) ?? this.#provider.read(id)
  }

  /** One after the other for each id. */
  async #inTurn<T>(id: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id)
    const turn = before ? before.then(fn, fn) : fn()
    this.#turns.set(id, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id)
    }
  }
}

/** A RawStore as texts, so that a value changed in place is found, and nobody shares objects with the provider. */
class RawView implements RecordView {
  protected readonly raw: RawStore
  protected readonly codec: Codec

  constructor(raw: RawStore, codec: Codec) {
    this.raw = raw
    this.codec = codec
  }

  textOf(key: string): string | undefined {
    const value = this.raw.get(key)
    return value === undefined ? undefined : this.codec.encode(value, key)
  }

  keys(): Iterable<string> {
    return this.raw.keys?.() ?? this.listed()
  }

  protected listed(): string[] {
    return (this.raw.get(KEY_LIST) as string[] | undefined) ?? []
  }
}

class RawEditor extends RawView {
  put(key: string, text: string | undefined): void {
    if (text === undefined) this.raw.delete(key)
    else this.raw.set(key, this.codec.decode(text, key))
    if (!this.raw.keys) this.#list(key, text !== undefined)
  }

  clear(): void {
    this.raw.flush()
  }

  #list(key: string, isThere: boolean): void {
    const keys = this.listed()
    if (keys.includes(key) === isThere) return
    this.raw.set(KEY_LIST, isThere ? [...keys, key] : keys.filter((other) => other !== key))
  }
}
