/**
 * LedisDB's layout: `import '@sess/provider-ledis'` makes the provider `ledis` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { ledis, repair } from './provider.js'

registerProvider('ledis', ledis, '@sess/provider-ledis')

export type { LedisProviderOptions } from './options.js'
export { ledis, repair }
