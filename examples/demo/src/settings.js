import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm start -- [options]

  --port NUMBER              where to listen; 0: any free port    PORT                     3000
  --provider NAME            memory, file, or the NAME of an      SESSION_PROVIDER         memory
                             installed @sess/provider-NAME
  --provider-config CONFIG   how the provider is reached          SESSION_PROVIDER_CONFIG
  --help                     this text

The second column names the variable that says the same, the third the default.`

/** What a person who starts the demo got wrong: its message is all they need. */
export class UsageError extends Error {}

/**
 * @typedef {object} Settings
 * @property {boolean} help
 * @property {number} port
 * @property {string} provider
 * @property {string | undefined} providerConfig
 */

/**
 * An argument wins over a variable, that over the default.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 * @throws {UsageError}
 */
export function readSettings(args, env) {
  const { help = false, port, provider, 'provider-config': providerConfig } = parse(args)
  return {
    help,
    port: portOf(port ?? (env.PORT || '3000')),
    provider: provider ?? (env.SESSION_PROVIDER || 'memory'),
    providerConfig: providerConfig ?? env.SESSION_PROVIDER_CONFIG,
  }
}

/** @param {string[]} args */
function parse(args) {
  try {
    const text = /** @type {const} */ ({ type: 'string' })
    const options = {
      port: text,
      provider: text,
      'provider-config': text,
      help: /** @type {const} */ ({ type: 'boolean' }),
    }
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new UsageError(`${/** @type {Error} */ (error).message}\n\n${USAGE}`, { cause: error })
  }
}

/** @param {string} text */
function portOf(text) {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`The port is a number from 0 to 65535, not "${text}".`)
}
