/**
 * What the SQL drivers share. Not published: it is built into each of them.
 * @module
 */
export { Alarm } from './alarm.js'
export { LONGEST } from './database.js'
export type { Answer, Database, Save, Statement, Statements, Update } from './database.js'
export { firstThatWorks } from './negotiation.js'
export { Persistence } from './persistence.js'
export type { Fault } from './persistence.js'
export { SqlStorage, SWEEP_BATCH } from './storage.js'
export type { SqlStorageParts } from './storage.js'
export { parseTableName } from './table-name.js'
export { OR_ANOTHER, unfitFor } from './unfit.js'
