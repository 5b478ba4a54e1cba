/**
 * What a provider is configured with.
 * @module
 */
import { OptionError, show } from './errors.js'
import type { ProviderConfig } from './provider.js'

const OPTION = 'providerConfig'

/**
 * The options that the provider's function was given, or what the manager was told.
 * @throws {OptionError} `SESS_OPTION` where there are both, or options that are no plain object: a driver's client in
 * the place of `{ client }` has no option that could be missed
 */
export function configOf(provider: string, options: unknown, config: ProviderConfig): ProviderConfig {
  if (options === undefined) return typeof config === 'string' ? config : plain(provider, OPTION, config)
  if (config === '') return plain(provider, `of ${provider}()`, options)
  throw new OptionError(OPTION, `none, since ${provider}() was given its options`, 'one')
}

function plain(provider: string, option: string, config: unknown): object {
  if (isPlain(config)) return config
  if (typeof config !== 'string')
    throw new OptionError(option, 'an object with options, one of which a client or a pool may be', show(config))
  const expected = `an object with options; a config string goes with a name: { provider: '${provider}', providerConfig }`
  throw new OptionError(option, expected, 'a text') // which may hold a password
}

/** Also one of another realm, as tests may have it. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
