/**
 * Providers that claim one thing each that they don't do, and nothing else; and the sentences that have to find it, in
 * one process and between two.
 */
import type { Provider, ProviderCapabilities, RawStore } from '../../../src/index.js'
import { SessionError } from '../../../src/index.js'
import { BareProvider } from './bare-provider.js'

type Claim = keyof ProviderCapabilities
type Entry = Parameters<BareProvider['storeOf']>[1]

/** Claims nothing but what it is given, and does nothing of all that can be claimed. */
export class ClaimingProvider extends BareProvider {
  override readonly capabilities: ProviderCapabilities

  /** @param first onto the data of which, as another process has the same store */
  constructor(claim?: Claim, first?: ClaimingProvider) {
    super()
    this.capabilities = { count: false, merge: false, gone: false, values: false, ...(claim && { [claim]: true }) }
    if (first) this.entries = first.entries
  }

  override async count(): Promise<number> {
    if (this.capabilities.count) return 0
    throw new SessionError('SESS_UNSUPPORTED', 'this store has no list')
  }

  /** Whatever was destroyed meanwhile: it is there again. */
  protected override write(id: string, entry: Entry, texts: Map<string, string>): void {
    this.entries.set(id, { ...entry, texts })
  }

  protected override storeOf(...args: Parameters<BareProvider['storeOf']>): RawStore {
    const store = super.storeOf(...args)
    return {
      id: store.id,
      get: (key) => store.get(key),
      set: (key, value) => store.set(key, JSON.parse(JSON.stringify(value ?? null))),
      delete: (key) => store.delete(key),
      flush: () => store.flush(),
      release: () => store.release(),
    }
  }
}

export const FALSE_CLAIMS: Readonly<Record<Claim, readonly string[]>> = {
  count: ['count gives the number of living sessions', 'count includes what another process stored'],
  merge: [
    'two requests that change different keys both keep their change',
    'two processes that change different keys both keep their change',
  ],
  gone: [
    'release after destroy resolves, and does not bring the session back',
    'release after another process destroyed the session does not bring it back',
    'release after another process regenerated does not bring the old id back',
  ],
  values: ['keeps a Date', 'keeps a cycle', 'refuses a function, naming user, and changes nothing'],
}

class ClaimsUnknown extends BareProvider {
  override readonly capabilities = { merge: false, merges: true } as Partial<ProviderCapabilities>
}

class ClaimsInWords extends BareProvider {
  override readonly capabilities = { merge: false, count: 'yes' } as unknown as Partial<ProviderCapabilities>
}

/** Claims that can't be held to. */
export const SENSELESS_CLAIMS: readonly (new () => Provider)[] = [ClaimsUnknown, ClaimsInWords]
