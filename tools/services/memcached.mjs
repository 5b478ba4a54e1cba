import { makeFolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { answers } from './probe.mjs'
import { createServer } from './server.mjs'
import { startServers } from './service.mjs'

const variable = 'MEMCACHED_URL'

/**
 * Settings are arguments here (`args: ['-m', '16']`). A restart empties it: it keeps nothing on disk.
 * @type {import('./types.js').Definition}
 */
export const memcached = {
  variable,
  programs: { server: ['memcached'] },
  folders: ['/usr/sbin', '/usr/local/sbin'],
  packages: ['memcached'],
  async start({ args = [] }, { server: program = '' }) {
    const folder = makeFolder('memcached')
    const port = await freePort()
    const url = `memcached://127.0.0.1:${port}`
    const server = createServer({
      name: 'memcached',
      program,
      args: ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64', ...args],
      folder,
      port,
      url,
      // It has nothing to save, and takes a second to end by itself.
      stopSignal: 'SIGKILL',
      ready: () => answers(port, 'version\r\n', (answer) => answer.toString().startsWith('VERSION ')),
    })
    return startServers({ name: 'memcached', variable, url, folder, servers: [server] })
  },
}
