/**
 * Template: `import 'sess-provider-template'` makes the provider `template` known.
 * @module
 */
import { registerProvider } from '@sess/core'
import { template } from './provider.js'

// The third argument is this package: loaded both as ES module and as CommonJS, it is one provider all the same.
registerProvider('template', template, 'sess-provider-template')

export type { TemplateProviderOptions } from './options.js'
export { template }
