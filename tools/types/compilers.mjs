import { join } from 'node:path'
import { root } from '../run/root.mjs'

/** The file that Node runs; it need not be installed yet. @param {string} name */
const tsc = (name) => join(root, 'tools/node_modules', name, 'bin/tsc')

/** The first TypeScript that knows moduleResolution bundler. */
export const OLDEST = tsc('typescript-oldest')
/** The newest one. */
export const NEWEST = tsc('typescript-newest')
