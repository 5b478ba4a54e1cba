import { UsageError } from './settings.js'

const BUILT_IN = ['memory', 'file']

/**
 * Imports the package of a provider, which registers it; the two of core are there already.
 * @param {string} name
 * @throws {UsageError} when it is not installed
 */
export async function loadProvider(name) {
  if (BUILT_IN.includes(name)) return
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new UsageError(`"${name}" is no name of a provider.`)
  const specifier = `@sess/provider-${name}`
  try {
    await import(specifier)
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    // The same code comes from inside the package when one of *its* dependencies is missing.
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${specifier}'`)) throw error
    throw new UsageError(notInstalled(name, specifier), { cause: error })
  }
}

/** @param {string} name @param {string} specifier */
const notInstalled = (
  name,
  specifier,
) => `The provider "${name}" needs the package ${specifier}, which is not installed.
Add it with: npx -y pnpm@10 --filter @sess/demo add ${specifier}
Or start with one that needs nothing: --provider ${BUILT_IN.join(', --provider ')}`
