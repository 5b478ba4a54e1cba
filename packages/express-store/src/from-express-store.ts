/**
 * A store of express-session as a provider.
 * @module
 */
import { defineProvider, OptionError } from '@sess/core'
import type { Provider, ProviderContext } from '@sess/core'
import { ExpressStorage } from './express-storage.js'
import type { ExpressStore } from './store.js'
import { isStore } from './store.js'

/** The kinds of stores that the operator was told of. */
const told = new WeakSet<object>()

/**
 * A provider that keeps its sessions in a store made for express-session. The store stays the application's to configure
 * and to close, and its own way of expiring sessions counts.
 *
 * Such a store can't write on condition. Within one process nothing is lost and nothing comes back; among processes
 * parallel changes may be lost, and a session that was ended may be brought back by a request in flight. The provider
 * says so: `capabilities` claim neither `merge` nor `gone`, and one warning of the process tells the operator.
 * `count()` needs the store's `all`; without it, it rejects with `SESS_UNSUPPORTED`.
 *
 * @throws {OptionError} `SESS_OPTION` when what is given has no `get`, `set` and `destroy`
 *
 * @example
 * ```ts
 * sessioner({ provider: fromExpressStore(new MemoryStore({ checkPeriod: 86_400_000 })) })
 * ```
 */
export function fromExpressStore(store: ExpressStore): Provider {
  if (!isStore(store))
    throw new OptionError('store', 'an express-session store, with get, set and destroy', typeof store)
  return defineProvider({
    name: 'express-store',
    open(_config, context) {
      tellOnce(store, context)
      return new ExpressStorage(store, context.storeTimeout)
    },
  })
}

function tellOnce({ constructor: kind }: ExpressStore, { report }: ProviderContext): void {
  if (told.has(kind)) return
  told.add(kind)
  const limits = 'parallel changes by several processes may be lost, and an ended session may come back'
  report(
    new Error(`the express-session store ${kind.name} can't write on condition: ${limits}; see @sess/express-store`),
  )
}
