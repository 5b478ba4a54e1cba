/**
 * A provider that was written against `Provider` and `RawStore` alone, given what the layers above need. Each change is
 * made on a fresh read, while no other request of this process works on the same id: within one process nothing is lost
 * and nothing comes back. Among processes, the provider keeps what it keeps.
 * @module
 */
import type { Change } from './change.js'
import type { RecordCipher, ValueCipher } from './cipher.js'
import { refuseSealed } from './cipher.js'
import type { Codec } from './codec.js'
import { encoded, replacing, textsOf } from './hand-over.js'
import type { ManagedContext, ManagedProvider } from './managed-store.js'
import { FULL_CAPABILITIES, isManagedProvider } from './managed-store.js'
import { CREATED_AT, damaged, SUCCESSOR } from './own-keys.js'
import type { Provider, ProviderCapabilities, ProviderConfig, RawStore } from './provider.js'
import type { RecordView } from './record.js'
import type { RecordBase, RecordHost } from './record-store.js'
import { RecordStore } from './record-store.js'
import { within } from './timeout.js'
import { Turns } from './turns.js'

/** Where keys are listed in a store that can't list them itself. */
const KEY_LIST = '@keys'

/** The provider as the manager uses it: as it is when core made it, else adopted. */
export function manage(provider: Provider): ManagedProvider {
  return isManagedProvider(provider) ? provider : new AdoptedProvider(provider)
}

class AdoptedProvider implements ManagedProvider, RecordHost<RecordBase> {
  readonly madeBy = '@sess/core' as const
  /** The contract has one lifetime for all. */
  readonly keepsLifetimes = false
  readonly name: string
  readonly #provider: Provider
  #codec!: Codec
  #cipher: ValueCipher | undefined
  readonly #turns = new Turns()
  /** Seconds. */
  #timeout = 0

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

  init(maxLifetime: number, config: ProviderConfig, { cipher, ...context }: ManagedContext): Promise<void> {
    this.#codec = context.codec
    this.#cipher = cipher
    this.#timeout = context.storeTimeout
    return this.#provider.init(maxLifetime, config, context)
  }

  async find(id: string): Promise<RecordStore | undefined> {
    // Where it takes two steps, the session must not end in between: the second makes what is missing.
    const read = (): Promise<RawStore | undefined> => this.#read(id)
    const raw = await (this.#provider.open ? read() : this.#inTurn(id, read))
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
    return this.#inTurn(oldId, async () => {
      const raw = await this.#provider.regenerate(oldId, id)
      if (this.#cipher) await this.#release(raw, id, replacing(textsOf(this.#view(raw, oldId))))
      return this.#store(id, raw)
    })
  }

  handOver(from: string, to: string, added: Record<string, unknown>, left: Record<string, unknown>): Promise<boolean> {
    return this.#inTurn(from, async () => {
      const raw = await this.#read(from)
      if (!raw || isHandedOver(raw)) return false
      const texts = [...textsOf(this.#view(raw, from)), ...Object.entries(encoded(this.#codec, added))]
      await this.#release(await this.#create(to), to, replacing(texts))
      await this.#release(raw, from, replacing(Object.entries(encoded(this.#codec, left))))
      return true
    })
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

  commit(id: string, change: Change, base: RecordBase | undefined): Promise<RecordBase | 'moved' | undefined> {
    return this.#inTurn(id, async () => {
      const raw = base ? await this.#read(id) : await this.#create(id)
      if (!raw) return undefined
      if (isHandedOver(raw)) return 'moved'
      await this.#release(raw, id, change)
      return { record: this.#view(raw, id) }
    })
  }

  /** Reading is using: a provider refreshes the expiry when it is read. */
  touch(id: string): Promise<boolean> {
    return this.#provider.exist(id)
  }

  #store(id: string, raw: RawStore): RecordStore {
    const record = this.#view(raw, id)
    if (!this.#cipher) refuseSealed(record.textOf(CREATED_AT), id)
    return new RecordStore(this, id, { record }, false)
  }

  #view(raw: RawStore, id: string): RawView {
    return new RawView(raw, this.#codec, this.#cipher?.of(id))
  }

  async #release(raw: RawStore, id: string, change: Change): Promise<void> {
    change.applyTo(new RawEditor(raw, this.#codec, this.#cipher?.of(id)))
    await raw.release()
  }

  async #read(id: string): Promise<RawStore | undefined> {
    if (this.#provider.open) return this.#provider.open(id)
    return (await this.#provider.exist(id)) ? this.#provider.read(id) : undefined
  }

  async #create(id: string): Promise<RawStore> {
    return this.#provider.create?.(id) ?? this.#provider.read(id)
  }

  /** One after the other for each id; one that is never answered does not keep the others waiting for ever. */
  #inTurn<T>(id: string, fn: () => Promise<T>): Promise<T> {
    return this.#turns.run([id], async () => within(this.#timeout, 'in turn', fn()))
  }
}

const isHandedOver = (raw: RawStore): boolean => raw.get(SUCCESSOR) !== undefined

/** A RawStore as texts, so that a value changed in place is found, and nobody shares objects with the provider. */
class RawView implements RecordView {
  protected readonly raw: RawStore
  protected readonly codec: Codec
  protected readonly cipher: RecordCipher | undefined

  constructor(raw: RawStore, codec: Codec, cipher: RecordCipher | undefined) {
    this.raw = raw
    this.codec = codec
    this.cipher = cipher
  }

  textOf(key: string): string | undefined {
    const value = this.raw.get(key)
    if (value === undefined) return this.#isListed(key) ? this.codec.encode(undefined, key) : undefined
    if (!this.cipher) return this.codec.encode(value, key)
    return this.cipher.open(typeof value === 'string' ? JSON.stringify(value) : '', key)
  }

  keys(): Iterable<string> {
    return this.raw.keys?.() ?? this.listed()
  }

  /** Whether the application set a key to `undefined`; core does that to none of its own, which it often looks for. */
  #isListed(key: string): boolean {
    if (this.cipher || (key[0] === '@' && key[1] !== '@')) return false
    for (const other of this.keys()) if (other === key) return true
    return false
  }

  protected listed(): string[] {
    const keys = this.raw.get(KEY_LIST)
    if (keys === undefined) return []
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys
    throw damaged(this.raw.id, KEY_LIST, 'a list of keys', keys)
  }
}

class RawEditor extends RawView {
  put(key: string, text: string | undefined): void {
    if (text === undefined) this.raw.delete(key)
    else if (!this.cipher) this.raw.set(key, this.codec.decode(text, key))
    else if (text !== this.textOf(key)) this.raw.set(key, JSON.parse(this.cipher.seal(text, key)))
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
