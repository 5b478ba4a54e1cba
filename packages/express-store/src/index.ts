/**
 * Any express-session store under `@sess`, and `@sess` as an express-session store.
 * @module
 */
export { fromExpressStore } from './from-express-store.js'
export { toExpressStore } from './to-express-store.js'
export type { ToExpressStoreOptions } from './to-express-store.js'
export type { Callback, ExpressStore, StoredSession } from './store.js'
