/**
 * Providers written against the contract alone, with one fault each, and the sentence that has to find it.
 */
import type { Provider, ProviderConfig, ProviderContext, RawStore } from '../../../src/index.js'
import { BareProvider } from './bare-provider.js'

/** Puts another behaviour in the place of some methods of every store that a provider gives. */
abstract class WithStores extends BareProvider {
  protected abstract altered(store: RawStore): Partial<RawStore>

  protected override storeOf(...args: Parameters<BareProvider['storeOf']>): RawStore {
    const store = super.storeOf(...args)
    const own: RawStore = {
      id: store.id,
      get: (key) => store.get(key),
      set: (key, value) => store.set(key, value),
      delete: (key) => store.delete(key),
      flush: () => store.flush(),
      release: () => store.release(),
    }
    return { ...own, ...this.altered(store) }
  }
}

class ClaimsMerge extends BareProvider {
  override readonly capabilities = {}
}

class BringsBack extends BareProvider {
  protected override write(
    id: string,
    entry: { texts: Map<string, string>; expiresAt: number },
    texts: Map<string, string>,
  ): void {
    entry.texts = texts
    this.entries.set(id, entry)
  }
}

class KeepsLastKey extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    let left = true
    return {
      delete: (key) => {
        store.delete(key)
        left = false
      },
      set: (key, value) => {
        store.set(key, value)
        left = true
      },
      release: async () => (left ? store.release() : undefined),
    }
  }
}

class ForgetsFlush extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    let flushed = false
    return {
      flush: () => {
        store.flush()
        flushed = true
      },
      set: (key, value) => {
        store.set(key, value)
        flushed = false
      },
      release: async () => (flushed ? undefined : store.release()),
    }
  }
}

class OnlyJson extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    return { set: (key, value) => store.set(key, JSON.parse(JSON.stringify(value) ?? 'null')) }
  }
}

class KeysWithoutCase extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    return {
      get: (key) => store.get(key.toLowerCase()),
      set: (key, value) => store.set(key.toLowerCase(), value),
      delete: (key) => store.delete(key.toLowerCase()),
    }
  }
}

/** Holds the keys in an object. */
class KeysInObject extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    const data = (): Record<string, unknown> => (store.get('data') as Record<string, unknown> | undefined) ?? {}
    const change = (fn: (object: Record<string, unknown>) => void): void => {
      const object = data()
      fn(object)
      store.set('data', object)
    }
    return {
      get: (key) => data()[key],
      set: (key, value) => change((object) => (object[key] = value)),
      delete: (key) => change((object) => delete object[key]),
    }
  }
}

class WritesAtOnce extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    return {
      set: (key, value) => {
        store.set(key, value)
        void store.release()
      },
    }
  }
}

class WritesUnchanged extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    return {
      release: async () => {
        store.set('released', true)
        await store.release()
      },
    }
  }
}

class ConfirmsTooEarly extends WithStores {
  protected altered(store: RawStore): Partial<RawStore> {
    return { release: async () => void setTimeout(() => void store.release(), 1) }
  }
}

class ExistCreates extends BareProvider {
  override async exist(id: string): Promise<boolean> {
    const there = await super.exist(id)
    await this.read(id)
    return there
  }
}

class OpenCreates extends BareProvider implements Provider {
  async open(id: string): Promise<RawStore> {
    return this.read(id)
  }
}

class DestroyOfMissingFails extends BareProvider {
  override async destroy(id: string): Promise<void> {
    if (!(await this.exist(id))) throw new Error('no such session')
    await super.destroy(id)
  }
}

class RegenerateNeedsOld extends BareProvider {
  override async regenerate(oldId: string, id: string): Promise<RawStore> {
    if (!(await this.exist(oldId))) throw new Error('no such session')
    return super.regenerate(oldId, id)
  }
}

class RegenerateLosesData extends BareProvider {
  override async regenerate(oldId: string, id: string): Promise<RawStore> {
    await this.destroy(oldId)
    return super.regenerate(oldId, id)
  }
}

class NeedsContext extends BareProvider {
  override async init(maxLifetime: number, config: ProviderConfig, context?: ProviderContext): Promise<void> {
    context!.clock()
    await super.init(maxLifetime, config, context)
  }
}

class CloseLeavesUsable extends BareProvider implements Provider {
  async close(): Promise<void> {}
}

class ClosesOnce extends BareProvider implements Provider {
  #closed = false

  async close(): Promise<void> {
    if (this.#closed) throw new Error('closed already')
    this.#closed = true
  }
}

/** The fault, and the sentences that have to find it; others may find it too. */
export const FAULTY_PROVIDERS: [new () => Provider, string[], breaksMuch?: boolean][] = [
  [
    ClaimsMerge,
    [
      'two requests that change different keys both keep their change',
      'a key that one request deleted stays deleted when another one sets another key',
    ],
  ],
  [
    BringsBack,
    [
      'release after destroy resolves, and does not bring the session back',
      'release after regenerate does not bring the old id back',
    ],
  ],
  [KeepsLastKey, ['the deletion of the last key is persisted, and the session goes on']],
  [ForgetsFlush, ['flush removes all keys, that is persisted, and the session goes on']],
  [
    OnlyJson,
    [
      'keeps a Date',
      'keeps a cycle',
      'keeps NaN, the infinities and -0',
      'refuses a function, naming user, and changes nothing',
    ],
  ],
  [KeysWithoutCase, ['takes as keys texts that differ in case alone']],
  [
    KeysInObject,
    [
      'takes as keys names of what every object has',
      'a key that was never set is undefined, whatever its name',
      'a key __proto__ pollutes nothing',
    ],
  ],
  [WritesAtOnce, ['nobody else sees a change before release']],
  [WritesUnchanged, ['release without a change writes nothing']],
  [ConfirmsTooEarly, ['release has persisted the change when it resolves'], true],
  [
    ExistCreates,
    ['exist is false for a missing id, and creates nothing', 'looking for ids that nobody has leaves no record'],
  ],
  [
    OpenCreates,
    [
      'open gives undefined for a missing id, and creates nothing',
      'forged cookies leave no record, and get another id once something is stored',
    ],
  ],
  [DestroyOfMissingFails, ['destroy removes the session, and a missing one is no error']],
  [RegenerateNeedsOld, ['regenerate of a missing id gives an empty store under the new id']],
  [RegenerateLosesData, ['regenerate keeps the data under the new id']],
  [NeedsContext, ['init needs no more than a lifetime and a config']],
  [CloseLeavesUsable, ['after close every call is an error']],
  [ClosesOnce, ['close may be called twice']],
]
