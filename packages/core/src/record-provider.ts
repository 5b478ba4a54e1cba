/**
 * A storage made into a provider.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { andThen, attempt } from './awaitable.js'
import { BoundedMap } from './bounded-map.js'
import { warn } from './builtin.js'
import type { Change } from './change.js'
import type { ValueCipher } from './cipher.js'
import { refuseSealed } from './cipher.js'
import type { Codec } from './codec.js'
import { defaultCodec } from './codec.js'
import { configOf } from './config-of.js'
import type { Base, Commit, Committed, RecordRules } from './committer.js'
import { baseOf, Committer } from './committer.js'
import { directCommit } from './direct-commit.js'
import { OptionError, SessionError, toSessionError } from './errors.js'
import { encoded, handOver, replacing, textsOf } from './hand-over.js'
import type { ManagedContext, ManagedProvider } from './managed-store.js'
import { FULL_CAPABILITIES } from './managed-store.js'
import type { Provider, ProviderCapabilities, ProviderConfig, ProviderContext } from './provider.js'
import { CREATED_AT, LIFETIME, sound } from './own-keys.js'
import type { MergedRecord, RecordView } from './record.js'
import { StoredRecord } from './record.js'
import { EMPTY_RECORD } from './record-text.js'
import type { RecordHost } from './record-store.js'
import { RecordStore } from './record-store.js'
import { RefreshMemory } from './refresh-memory.js'
import { SealedRecord } from './sealed-record.js'
import type { Loaded, Storage, StorageDefinition } from './storage.js'
import { newVersion } from './token.js'

/** What a provider has where no manager lends it anything: in tests, or used by itself. */
export const DEFAULT_CONTEXT: ProviderContext = {
  clock: Date.now,
  codec: defaultCodec,
  idLength: 16,
  storeTimeout: 5,
  report: warn,
}

/** Characters of a random id that is nobody else's: 96 bits. */
const UNIQUE_LENGTH = 16

/** An expiry is refreshed when this part of the lifetime has passed since the last time. */
const REFRESHED_PART = 1 / 60

export class RecordProvider implements Provider, ManagedProvider, RecordHost<Base> {
  readonly madeBy = '@sess/core' as const
  readonly keepsLifetimes = true
  readonly name: string
  readonly #definition: StorageDefinition
  readonly #rules: RecordRules = { recordOf: this.#recordOf.bind(this), ttlOf: this.#ttlOf.bind(this) }
  /** Of the one manager that it is open for, or is being opened for. */
  #given: ManagedContext | undefined
  #context: ProviderContext = DEFAULT_CONTEXT
  #cipher: ValueCipher | undefined
  #storage: Storage | undefined
  #attempts = 0
  #commit!: Commit
  #ttl = 0
  #refreshed!: RefreshMemory
  /** What can't be read is not refreshed, so that it is over when its lifetime is. */
  readonly #damaged = new BoundedMap<true>(10_000)
  /** Known after the first record: whether the store tells expiries, so that no memory of refreshes is needed. */
  #tellsExpiry: boolean | undefined

  constructor(definition: StorageDefinition) {
    this.name = definition.name
    this.#definition = definition
  }

  get capabilities(): ProviderCapabilities {
    return { ...FULL_CAPABILITIES, ...this.#storage?.capabilities }
  }

  get codec(): Codec {
    return this.#context.codec
  }

  /** What lies below, once it is open; for the conformance kit. */
  get storage(): Storage | undefined {
    return this.#storage
  }

  init(maxLifetime: number, config: ProviderConfig, given: ManagedContext = DEFAULT_CONTEXT): Promise<void> {
    const { name, options } = this.#definition
    if (this.#given && this.#given !== given) {
      throw new OptionError('provider', 'another one for each manager', `the same ${name}() for two`)
    }
    if (this.#storage) return Promise.resolve() // it opened when the manager had ceased to wait
    const { cipher, ...context } = given // a storage never sees what decrypts
    this.#context = context
    this.#cipher = cipher
    this.#ttl = maxLifetime
    this.#refreshed = new RefreshMemory(context.clock, maxLifetime * 1000 * REFRESHED_PART)
    // Not awaited yet: a wrong config throws at once.
    const opened = this.#definition.open(configOf(name, options, config), context)
    this.#given = given
    return this.#open(opened)
  }

  /** One that opens when nobody waits for it any more, since another attempt was made or all was closed, is closed. */
  async #open(opened: Awaitable<Storage>): Promise<void> {
    const attempt = ++this.#attempts
    let storage: Storage
    try {
      storage = await opened
    } catch (error) {
      if (attempt === this.#attempts) this.#given = undefined
      throw toSessionError(error, 'open', this.name)
    }
    if (attempt !== this.#attempts) return storage.close?.()
    this.#storage = storage
    const committer = new Committer(storage, this.#rules, this.#context.storeTimeout)
    this.#commit = storage.isImmediate ? directCommit(storage, this.#rules) : committer.commit.bind(committer)
  }

  async read(id: string): Promise<RecordStore<Base>> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const store = (await this.open(id)) ?? (await this.#createEmpty(id))
      if (store) return store
    }
    throw new SessionError('SESS_CONFLICT', `session ${id}: it came and went three times while it was read`)
  }

  async open(id: string): Promise<RecordStore<Base> | undefined> {
    return this.find(id)
  }

  find(id: string): Awaitable<RecordStore<Base> | undefined> {
    const storage = this.#use(id)
    if (this.#tellsExpiry === false && this.#refreshed.isDue(id) && !this.#damaged.get(id))
      return this.#findRefreshed(id)
    return andThen(storage.load(id), (loaded) => {
      if (!loaded) return undefined
      const base = baseOf(this.#rules, id, loaded)
      return new RecordStore(this, id, base, this.#isRefreshDue(id, loaded, base.record))
    })
  }

  /** In the same round trip, so that what turns out to be unreadable is refreshed too: once. */
  #findRefreshed(id: string): Awaitable<RecordStore<Base> | undefined> {
    return attempt(
      () => andThen(this.#use(id).load(id, this.#ttlOf(id)), (loaded) => loaded && this.#refreshedStore(id, loaded)),
      (store) => store,
      (error) => {
        if (error instanceof SessionError && error.code === 'SESS_CORRUPT') this.#damaged.set(id, true)
        throw error
      },
    )
  }

  #refreshedStore(id: string, loaded: Loaded): Awaitable<RecordStore<Base> | undefined> {
    const base = baseOf(this.#rules, id, loaded)
    const store = new RecordStore(this, id, base, false)
    // The store can't know, before it looks, that a record lives longer; so it was given too short a time.
    const isLonger = this.#ttlOf(id, base.record) > this.#ttlOf(id)
    if (isLonger) return andThen(this.touch(id, base), (exists) => (exists ? store : undefined))
    this.#refreshed.mark(id)
    return store
  }

  create(id: string, isDrawn = false): RecordStore<Base> {
    this.#check(id)
    return new RecordStore(this, id, undefined, false, isDrawn && id.length >= UNIQUE_LENGTH)
  }

  async exist(id: string): Promise<boolean> {
    return this.#use(id).exists(id)
  }

  async destroy(id: string): Promise<void> {
    await this.#use(id).remove(id)
  }

  /** Loads first: where the store fails in between, the session is still the visitor's. */
  async regenerate(oldId: string, id: string): Promise<RecordStore<Base>> {
    this.#check(id)
    const storage = this.#use(oldId)
    const loaded = await storage.load(oldId)
    if (!loaded) return this.create(id)
    const old = baseOf(this.#rules, oldId, loaded)
    if (!(await storage.rename(oldId, id, this.#ttlOf(id, old.record)))) return this.create(id)
    if (this.#tellsExpiry === false) this.#refreshed.mark(id)
    const base = this.#cipher ? await this.#resealed(oldId, id, old) : baseOf(this.#rules, id, loaded)
    return new RecordStore(this, id, base, false)
  }

  async handOver(
    from: string,
    to: string,
    added: Record<string, unknown>,
    left: Record<string, unknown>,
    seconds: number,
  ): Promise<boolean> {
    const { codec } = this.#context
    const content = { added: encoded(codec, added), left: encoded(codec, left), seconds }
    this.#check(to)
    return handOver(this.#use(from), this.#rules, from, to, content)
  }

  async count(): Promise<number> {
    return this.#opened().count()
  }

  async gc(): Promise<void> {
    await this.#opened().sweep?.()
  }

  async close(): Promise<void> {
    const storage = this.#storage
    this.#attempts++
    this.#given = undefined
    this.#storage = undefined
    await storage?.close?.()
  }

  commit(id: string, change: Change, base: Base | undefined, isDrawn: boolean): Awaitable<Committed> {
    this.#use(id)
    return andThen(this.#commit(id, change, base, isDrawn), (committed) => {
      if (typeof committed === 'object' && committed !== base && this.#tellsExpiry === false) this.#refreshed.mark(id)
      return committed
    })
  }

  touch(id: string, { record }: Base): Awaitable<boolean> {
    return andThen(this.#use(id).touch(id, this.#ttlOf(id, record)), (exists) => {
      if (exists && this.#tellsExpiry === false) this.#refreshed.mark(id)
      return exists
    })
  }

  /**
   * Values that were bound to the id before. Until they are bound to the new one, which nobody knows, they open nowhere.
   * Somebody may have changed them before the move, or the move their version.
   */
  async #resealed(oldId: string, id: string, old: Base): Promise<Base> {
    const storage = this.#use(id)
    let base = old
    for (let attempt = 0; attempt < 2; attempt++) {
      const record = this.#recordOf(id, EMPTY_RECORD).with(replacing(textsOf(base.record)))
      const version = await storage.save(id, record.text, this.#ttlOf(id, old.record), base.version, newVersion())
      if (version !== false) return { record, version: version === true ? undefined : version }
      const loaded = await storage.load(id)
      if (!loaded) break
      base = baseOf(this.#rules, oldId, loaded)
    }
    throw new SessionError('SESS_CONFLICT', `session ${id}: somebody changed it before it had its id`)
  }

  #recordOf(id: string, text: string): MergedRecord {
    const record = new StoredRecord(text, id)
    if (this.#cipher) return new SealedRecord(record, this.#cipher.of(id))
    refuseSealed(record.textOf(CREATED_AT), id)
    return record
  }

  async #createEmpty(id: string): Promise<RecordStore<Base> | undefined> {
    const version = await this.#use(id).save(id, EMPTY_RECORD, this.#ttlOf(id), undefined, newVersion())
    if (version === false) return undefined // somebody was quicker: it can be opened now
    if (version === true) return this.open(id)
    return new RecordStore(this, id, baseOf(this.#rules, id, { data: EMPTY_RECORD, version }), false)
  }

  #isRefreshDue(id: string, { expiresAt }: Loaded, record: RecordView): boolean {
    this.#tellsExpiry = expiresAt !== undefined
    if (expiresAt === undefined) return this.#refreshed.isDue(id)
    return expiresAt - this.#context.clock() <= this.#ttlOf(id, record) * 1000 * (1 - REFRESHED_PART)
  }

  /** Core's own records outlive the sessions that they are about, whichever of the two was refreshed last. */
  #ttlOf(id: string, record?: RecordView): number {
    const own = record?.textOf(LIFETIME)
    const ttl = own === undefined ? this.#ttl : Math.max(this.#ttl, this.#lifetimeOf(id, own))
    return id.startsWith('~') ? Math.ceil(ttl * 1.1) : ttl
  }

  #lifetimeOf(id: string, text: string): number {
    let seconds: unknown
    try {
      seconds = this.codec.decode(text, LIFETIME)
    } catch (cause) {
      throw new SessionError('SESS_CORRUPT', `session ${id}: its lifetime can't be decoded`, { cause })
    }
    return sound(id, LIFETIME, seconds) ?? 0
  }

  #use(id: string): Storage {
    this.#check(id)
    return this.#opened()
  }

  /** An id can't be anything but a name: no path, no pattern, no command. */
  #check(id: string): void {
    if (isId(id)) return
    const message = 'expected a session id of 1 to 64 characters A-Z a-z 0-9 - _ ~, got another text'
    throw new SessionError('SESS_ID', message, { provider: this.name })
  }

  #opened(): Storage {
    if (this.#storage) return this.#storage
    const message = `provider ${this.name} is not open: init() has not resolved, or close() was called`
    throw new SessionError('SESS_CLOSED', message, { provider: this.name })
  }
}

const ID = /^[A-Za-z0-9_~-]{1,64}$/
const isId = (id: unknown): boolean => typeof id === 'string' && ID.test(id)
