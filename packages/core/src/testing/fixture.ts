/**
 * What one sentence works with: instances that are opened for it and closed after it.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isManagedProvider } from '../managed-store.js'
import type { Manager } from '../manager.js'
import { createManager } from '../manager.js'
import type { Provider, ProviderCapabilities, ProviderContext } from '../provider.js'
import { DEFAULT_CONTEXT } from '../record-provider.js'
import type { Storage } from '../storage.js'
import { defineProvider } from '../storage.js'
import type { ResolvedConformance, Subject } from './options.js'

/** Ends a sentence that can't be said of this provider; the message says why. */
export class Skipped extends Error {}

/** Seconds; longer than any sentence takes. */
const LONG_LIFETIME = 3600

/** What a manager is made with, where a sentence wants it otherwise. */
export interface ManagerSettings {
  readonly maxLifetime?: number
  readonly storeTimeout?: number
  readonly encryptionKey?: Uint8Array | readonly Uint8Array[]
  readonly renewEvery?: number
  readonly renewGrace?: number
  readonly clock?: () => number
}

export class Fixture {
  readonly options: ResolvedConformance
  readonly #closing: (() => Promise<void> | undefined)[] = []

  constructor(options: ResolvedConformance) {
    this.options = options
  }

  /** A provider, initialised. */
  async provider(maxLifetime: number = LONG_LIFETIME): Promise<Provider> {
    return this.#init(await this.options.create(), maxLifetime)
  }

  /** A provider that is initialised without anything lent to it, as whoever uses one by itself does. */
  async providerWithoutContext(): Promise<Provider> {
    const provider = providerOf(await this.options.create())
    await provider.init(LONG_LIFETIME, this.options.config)
    return this.#closedAfterwards(provider)
  }

  /** Two providers onto the same data, as two processes have them. */
  async pair(maxLifetime: number = LONG_LIFETIME): Promise<[Provider, Provider]> {
    const [first, second] = await this.#createTwo()
    return [await this.#init(first, maxLifetime), await this.#init(second, maxLifetime)]
  }

  /** A manager over a provider of its own. */
  async manager(settings: ManagerSettings = {}): Promise<Manager> {
    return this.#ready(this.#managerOf(await this.options.create(), settings))
  }

  /** A manager that has not yet asked its provider to open. */
  async unopenedManager(settings: ManagerSettings = {}): Promise<Manager> {
    return this.#managerOf(await this.options.create(), settings)
  }

  /** Two managers onto the same data, as two processes have them. */
  async managers(one: ManagerSettings = {}, other: ManagerSettings = one): Promise<[Manager, Manager]> {
    const [first, second] = await this.#createTwo()
    return [await this.#ready(this.#managerOf(first, one)), await this.#ready(this.#managerOf(second, other))]
  }

  /** A manager, and every byte that its store holds; skips where it can't be had. */
  async dumped(settings: ManagerSettings = {}): Promise<{ manager: Manager; dump: () => Promise<Buffer> }> {
    const { create, dump } = this.options
    if (!dump) throw new Skipped('no dump was given')
    const subject = await create()
    const manager = await this.#ready(this.#managerOf(subject, settings))
    return { manager, dump: async () => Buffer.from(await dump(subject)) }
  }

  /** The storage itself, also below a provider that was made of one; skips where there is none. */
  async storage(): Promise<Storage> {
    return this.#bare(await this.options.create())
  }

  /** Two storages onto the same data where there is a second handle, else the same one twice. */
  async storages(): Promise<[Storage, Storage]> {
    const first = await this.options.create()
    const storage = await this.#bare(first)
    return [storage, this.options.createSecond ? await this.#bare(await this.options.createSecond(first)) : storage]
  }

  /** A storage, and the provider made of it. */
  async providerOnStorage(): Promise<{ provider: Provider; storage: Storage }> {
    const storage = await this.#bare(await this.options.create())
    return { provider: await this.#init(storage, LONG_LIFETIME), storage }
  }

  /** A provider made of a storage that writes down which of its methods are called. */
  async watched(): Promise<{ provider: Provider; calls: string[] }> {
    const calls: string[] = []
    const storage = watch(await this.#bare(await this.options.create()), calls)
    return { provider: await this.#init(storage, LONG_LIFETIME), calls }
  }

  /** Lets time pass, in seconds. */
  async wait(seconds: number): Promise<void> {
    const milliseconds = Math.max(0, seconds * 1000)
    await (this.options.clock ? this.options.clock.advance(milliseconds) : sleep(milliseconds))
  }

  /** Gives `until(seconds)`, counted from now. */
  timer(): (seconds: number) => Promise<void> {
    const start = this.now()
    return (seconds) => this.wait(seconds - (this.now() - start) / 1000)
  }

  /** The time in milliseconds. */
  now(): number {
    return this.options.clock?.now() ?? Date.now()
  }

  /** Closes whatever was opened; a store that can't be closed any more is no concern of the sentence that used it. */
  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await Promise.resolve(close()).catch(() => undefined)
  }

  get #context(): ProviderContext {
    return { ...DEFAULT_CONTEXT, clock: () => this.now() }
  }

  async #createTwo(): Promise<[Subject, Subject]> {
    const { create, createSecond, inProcess } = this.options
    if (inProcess) throw new Skipped('the store lives in one process')
    if (!createSecond) throw new Skipped('no createSecond was given')
    const first = await create()
    return [first, await createSecond(first)]
  }

  async #init(subject: Subject, maxLifetime: number): Promise<Provider> {
    const provider = providerOf(subject)
    await provider.init(maxLifetime, this.options.config, this.#context)
    return this.#closedAfterwards(provider)
  }

  #closedAfterwards(provider: Provider): Provider {
    this.#closing.push(async () => provider.close?.())
    return provider
  }

  #managerOf(subject: Subject, settings: ManagerSettings): Manager {
    const manager = createManager({
      provider: providerOf(subject),
      providerConfig: this.options.config,
      maxLifetime: LONG_LIFETIME,
      clock: () => this.now(),
      lazy: false,
      onOutage: 'fail',
      ...settings,
    })
    this.#closing.push(() => manager.close())
    return manager
  }

  async #ready(manager: Manager): Promise<Manager> {
    await manager.ready()
    return manager
  }

  async #bare(subject: Subject): Promise<Storage> {
    if (isStorage(subject)) {
      this.#closing.push(async () => subject.close?.())
      return subject
    }
    if (!isManagedProvider(subject)) throw new Skipped('the provider is not made of a storage')
    await this.#init(subject, LONG_LIFETIME)
    return (subject as unknown as { storage: Storage }).storage
  }
}

/** What is claimed where nothing is said. */
export const EVERY_CLAIM: ProviderCapabilities = { count: true, merge: true, gone: true, values: true }

/** What a provider that is initialised claims to do. */
export function claims(provider: Pick<Provider, 'capabilities'>): ProviderCapabilities {
  return { ...EVERY_CLAIM, ...provider.capabilities }
}

/** Skips a sentence that only those have to keep who claim it. */
export function onlyIfClaimed(provider: Pick<Provider, 'capabilities'>, claim: keyof ProviderCapabilities): void {
  if (!claims(provider)[claim]) throw new Skipped(`the provider does not claim ${claim}`)
}

/** Skips a sentence that is about what core makes of a storage. */
export function onlyIfMadeOfStorage(provider: Provider): void {
  if (!isManagedProvider(provider)) throw new Skipped('the provider is not made of a storage')
}

function isStorage(subject: Subject): subject is Storage {
  const { load, save } = subject as Partial<Storage>
  return typeof load === 'function' && typeof save === 'function'
}

function providerOf(subject: Subject): Provider {
  return isStorage(subject) ? defineProvider(subject) : subject
}

function watch(storage: Storage, calls: string[]): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        calls.push(String(name))
        return Reflect.apply(member, target, args)
      }
    },
  })
}
