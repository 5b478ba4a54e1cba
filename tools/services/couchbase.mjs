import { fileURLToPath } from 'node:url'
import { makeFolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { answers } from './probe.mjs'
import { createServer } from './server.mjs'
import { startServers } from './service.mjs'

const variable = 'COUCHBASE_URL'
const main = fileURLToPath(new URL('couchbase-server/main.mjs', import.meta.url))
/** A NOOP, which the server refuses to those who have not logged in. */
const noop = Buffer.from('800a00000000000000000000000000000000000000000000', 'hex')

/**
 * A server of ours that speaks the protocol, since Couchbase Server can't be installed everywhere. The variable names a
 * real cluster: `couchbase://user:password@host/bucket`. `args: ['--query']`: with a query service.
 * @type {import('./types.js').Definition<import('./types.js').Couchbase>}
 */
export const couchbase = {
  variable,
  programs: { server: ['node'] },
  packages: ['nodejs'],
  controls: ['commands', 'expiry', 'fault', 'heal'],
  async start({ args = [] }) {
    const folder = makeFolder('couchbase')
    const port = await freePort({ also: 1 })
    const url = `couchbase://app:${encodeURIComponent('p@ss:word/1')}@127.0.0.1:${port}/sessions`
    const server = createServer({
      name: 'couchbase',
      program: process.execPath,
      args: [main, String(port), ...args],
      folder,
      port,
      url,
      isOurs: true,
      ready: () => answers(port, noop, (answer) => answer[0] === 0x81),
    })
    const service = await startServers({ name: 'couchbase', variable, url, folder, servers: [server] })
    /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
    const tell = async (method, path, body) => {
      const answer = await fetch(`http://127.0.0.1:${port + 1}${path}`, {
        method,
        ...(body && { body: JSON.stringify(body) }),
      })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`)
      return answer.json()
    }
    return Object.assign(service, {
      expiry: (/** @type {string} */ key) => tell('GET', `/expiry/${encodeURIComponent(key)}`),
      commands: () => tell('GET', '/log'),
      dump: () => tell('GET', '/dump'),
      /** @type {import('./types.js').Couchbase['fault']} */
      fault: (command, fault, times = 1) => tell('POST', '/fault', { command, fault, times }),
      heal: () => tell('DELETE', '/fault'),
    })
  },
}
