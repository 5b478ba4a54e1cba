import { defineProvider } from '@sess/core'
import type { Provider } from '@sess/core'
import { TemplateClient } from './client.js'
import type { TemplateProviderOptions } from './options.js'
import { resolve } from './options.js'
import { TemplateStorage } from './storage.js'

/**
 * Sessions in Template.
 *
 * @example
 * ```ts
 * sessioner({ provider: template({ host: '127.0.0.1', port: 4321 }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function template(options?: TemplateProviderOptions): Provider {
  return defineProvider({
    name: 'template',
    options,
    // A wrong config throws before the first wait, so that it is an error at start; a store that is down rejects.
    open: (config, context) => {
      const { host, port, prefix } = resolve(config)
      return connect(new TemplateClient(host, port, context.clock), prefix)
    },
  })
}

async function connect(client: TemplateClient, prefix: string): Promise<TemplateStorage> {
  await client.connect()
  return new TemplateStorage(client, prefix)
}
