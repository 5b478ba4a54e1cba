import { createServer } from './server.mjs'
import { answers } from './probe.mjs'
import { runProgram } from './program.mjs'

/** What each redis process of ours has in common, whatever its part. */

/** @typedef {string | number | boolean} Value */

/** @param {import('./types.js').ServiceOptions} options @param {Record<string, Value>} defaults */
export function redisArgs({ config = {}, args = [] }, defaults) {
  const settings = Object.entries({
    bind: '127.0.0.1',
    save: '',
    // Written before the answer goes out, so that a killed server comes back with all that it acknowledged.
    appendonly: true,
    appendfsync: 'no',
    ...defaults,
    ...config,
  })
  return [...settings.flatMap(([name, value]) => [`--${name}`, text(value)]), ...args]
}

/** @param {Value} value */
function text(value) {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

/** @param {import('./types.js').ServiceOptions} options */
export function credentials({ config }) {
  const password = config?.requirepass
  return password === undefined ? '' : `:${encodeURIComponent(password.toString())}@`
}

/**
 * @param {Omit<import('./server.mjs').Settings, 'ready' | 'url'> & { url?: string }} settings
 * @returns {import('./types.js').Server}
 */
export function createRedisServer(settings) {
  const { port, url = `redis://127.0.0.1:${port}` } = settings
  // Without the password it is an error, but an answer.
  const ready = () => answers(port, 'PING\r\n', (answer) => /^(\+PONG|-NOAUTH)/.test(answer.toString()))
  return createServer({ ...settings, url, ready })
}

/**
 * One command through redis-cli; undefined if the server does not answer it within a second.
 * @param {string} cli
 * @param {{ port: number, folder: string, password?: Value | undefined }} server
 * @param {...string} command
 */
export function askRedis(cli, { port, folder, password }, ...command) {
  /** @type {Record<string, string>} */
  const env = password === undefined ? {} : { REDISCLI_AUTH: String(password) }
  return runProgram(cli, ['-p', String(port), ...command], { folder, env, seconds: 1 }).catch(() => undefined)
}

export const redisPrograms = { server: ['redis-server', 'valkey-server'], cli: ['redis-cli', 'valkey-cli'] }
export const redisPackages = ['redis-server']
