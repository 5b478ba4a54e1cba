/**
 * Providers by name. The list lies under a global symbol, so that a driver imported as CommonJS is seen by a core
 * imported as ESM.
 * @module
 */
import { OptionError, SessionError, show } from './errors.js'
import type { ProviderFactory } from './provider.js'

interface Registration {
  readonly factory: ProviderFactory
  readonly source: string | undefined
}

const REGISTRY = Symbol.for('@sess/core.registry.1')
const registry: Map<string, Registration> = ((globalThis as Record<symbol, unknown>)[REGISTRY] ??= new Map()) as never

const DRIVERS = ['redis', 'memcache', 'postgres', 'mysql', 'couchbase', 'ledis', 'nodb']

/**
 * Makes a provider known by a name, for the option `provider`. Each manager makes an instance of its own.
 *
 * The same factory again is a no-op, and so is another one of the same `source`: the ESM and the CommonJS copy of one
 * driver.
 * @param source the package that registers, such as `@sess/provider-redis`
 * @throws {SessionError} `SESS_PROVIDER_CONFLICT` when another provider has the name
 * @throws {OptionError} `SESS_OPTION` on an empty name
 */
export function registerProvider(name: string, factory: ProviderFactory, source?: string): void {
  if (typeof name !== 'string' || name === '') throw new OptionError('name', 'the name of a provider', show(name))
  if (typeof factory !== 'function') throw new OptionError('factory', 'a function that makes a provider', show(factory))
  const known = registry.get(name)
  if (!known) {
    registry.set(name, { factory, source })
    return
  }
  if (known.factory === factory || (source !== undefined && known.source === source)) return
  const message = `provider ${show(name)} is registered already${known.source ? ` by ${known.source}` : ''}`
  throw new SessionError('SESS_PROVIDER_CONFLICT', message, { provider: name })
}

/** @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when no import registered the name; there is no fallback */
export function providerFactory(name: string): ProviderFactory {
  const known = registry.get(name)
  if (known) return known.factory
  const source = sourceOf(name)
  const hint = source === undefined ? '' : ` Is \`import '${source}'\` missing?`
  const names = [...registry.keys()].sort().join(', ')
  const isName = /^[\w@/.-]{1,60}$/.test(name)
  const got = isName ? show(name) : 'a text that is no name' // a URL or a config string may hold a password
  const message = `option provider: expected one of ${names}, got ${got}.${hint}`
  throw new SessionError('SESS_PROVIDER_UNKNOWN', message, isName ? { provider: name } : {})
}

/** Which import registers a provider of ours. The entries for other runtimes don't bring `file`, which needs Node. */
function sourceOf(name: string): string | undefined {
  if (name === 'file') return '@sess/core'
  return DRIVERS.includes(name) ? `@sess/provider-${name}` : undefined
}
