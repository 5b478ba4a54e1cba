/**
 * nodb's layout: `import '@sess/provider-nodb'` makes the provider `nodb` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { nodb, repair } from './provider.js'

registerProvider('nodb', nodb, '@sess/provider-nodb')

export type { NodbProviderOptions } from './options.js'
export { nodb, repair }
