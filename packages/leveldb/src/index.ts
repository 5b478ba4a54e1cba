/**
 * The LevelDB engine that `@sess/provider-ledis` and `@sess/provider-nodb` share; each adds its key layout.
 * @module
 */
export { idAt } from './layout.js'
export type { Due, KeyLayout, KeyRange } from './layout.js'
export { readTime, writeTime } from './int64.js'
export { levelDirectory, resolveLevelOptions } from './options.js'
export type { LevelOptions, LevelSettings } from './options.js'
export { repairDirectory } from './repair.js'
export { openLevelStorage } from './storage.js'
export type { LevelStorageOptions } from './storage.js'
