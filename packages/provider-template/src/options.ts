import { checkWholeNumber, OptionError, parseKeyValues, parseWholeNumber, rejectUnknownKey } from '@sess/core'
import type { ProviderConfig } from '@sess/core'

/** Options of `template()`; in a config string the same names, `host=127.0.0.1,port=4321`. */
export interface TemplateProviderOptions {
  /** @default '127.0.0.1' */
  host?: string
  /** @default 4321 */
  port?: number
  /** What each key starts with. @default 'session:' */
  prefix?: string
}

const NAMES = ['host', 'port', 'prefix'] as const
const DEFAULTS = { host: '127.0.0.1', port: 4321, prefix: 'session:' }

/** @throws {OptionError} `SESS_OPTION` on an unknown name or a wrong value */
export function resolve(config: ProviderConfig): Required<TemplateProviderOptions> {
  const options = typeof config === 'string' ? parse(config) : (config as TemplateProviderOptions)
  for (const name of Object.keys(options)) rejectUnknownKey('template', name, NAMES)
  const { host, port, prefix } = { ...DEFAULTS, ...options }
  if (typeof host !== 'string' || host === '') throw new OptionError('host', 'the name of a host', typeof host)
  if (typeof prefix !== 'string') throw new OptionError('prefix', 'a text', typeof prefix)
  checkWholeNumber('port', port, 1, 65_535)
  return { host, port, prefix }
}

function parse(text: string): TemplateProviderOptions {
  const { port, ...texts } = Object.fromEntries(parseKeyValues('template', text, NAMES))
  return port === undefined ? texts : { ...texts, port: parseWholeNumber('port', port, 1, 65_535) }
}
