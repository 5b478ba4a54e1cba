import type { Codec } from '../../../src/codec.js'
import type { Provider, ProviderCapabilities, ProviderConfig, ProviderContext, RawStore } from '../../../src/index.js'

interface Entry {
  texts: Map<string, string>
  expiresAt: number
}

/** A provider against `Provider` and `RawStore` alone: whole records, the later release wins, and it says so. */
export class BareProvider implements Provider {
  readonly name: string = 'bare'
  readonly capabilities: Partial<ProviderCapabilities> = { merge: false }
  entries: Map<string, Entry> = new Map()
  #context!: ProviderContext
  #lifetime = 0

  async init(maxLifetime: number, _: ProviderConfig, context?: ProviderContext): Promise<void> {
    const { defaultCodec: codec } = await import('../../../src/codec.js')
    this.#context = context ?? { codec, clock: Date.now, idLength: 16, storeTimeout: 5, report: () => undefined }
    this.#lifetime = maxLifetime * 1000
  }

  async read(id: string): Promise<RawStore> {
    const entry = this.living(id) ?? { texts: new Map(), expiresAt: 0 }
    this.entries.set(id, entry)
    entry.expiresAt = this.#context.clock() + this.#lifetime
    return this.storeOf(id, entry)
  }

  async exist(id: string): Promise<boolean> {
    return this.living(id) !== undefined
  }

  async destroy(id: string): Promise<void> {
    this.entries.delete(id)
  }

  async regenerate(oldId: string, id: string): Promise<RawStore> {
    if (this.living(id)) throw new Error('the id is taken')
    const entry = this.living(oldId)
    this.entries.delete(oldId)
    if (entry) this.entries.set(id, { ...entry })
    return this.read(id)
  }

  async count(): Promise<number> {
    return [...this.entries.keys()].filter((id) => !id.startsWith('~') && this.living(id)).length
  }

  async gc(): Promise<void> {
    for (const id of this.entries.keys()) if (!this.living(id)) this.entries.delete(id)
  }

  protected storeOf(id: string, entry: Entry): RawStore {
    return new BareStore(id, entry, this.#context.codec, (texts) => this.write(id, entry, texts))
  }

  /** Only if the entry is the one that was read: what is gone stays gone. */
  protected write(id: string, entry: Entry, texts: Map<string, string>): void {
    if (this.living(id) === entry) entry.texts = texts
  }

  protected living(id: string): Entry | undefined {
    const entry = this.entries.get(id)
    return entry && entry.expiresAt > this.#context.clock() ? entry : undefined
  }
}

class BareStore implements RawStore {
  readonly id: string
  readonly #texts: Map<string, string>
  readonly #codec: Codec
  readonly #write: (texts: Map<string, string>) => void
  #changed = false

  constructor(id: string, entry: Entry, codec: Codec, write: (texts: Map<string, string>) => void) {
    this.id = id
    this.#texts = new Map(entry.texts)
    this.#codec = codec
    this.#write = write
  }

  get(key: string): unknown {
    const text = this.#texts.get(key)
    return text === undefined ? undefined : this.#codec.decode(text, key)
  }

  set(key: string, value: unknown): void {
    this.#texts.set(key, this.#codec.encode(value, key))
    this.#changed = true
  }

  delete(key: string): void {
    if (this.#texts.delete(key)) this.#changed = true
  }

  flush(): void {
    this.#texts.clear()
    this.#changed = true
  }

  async release(): Promise<void> {
    if (this.#changed) this.#write(new Map(this.#texts))
    this.#changed = false
  }
}
