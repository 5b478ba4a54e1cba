import { join } from 'node:path'
import { makeFolder, removeFolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { answers } from './probe.mjs'
import { runProgram } from './program.mjs'
import { createServer } from './server.mjs'
import { startServers } from './service.mjs'

const variable = 'POSTGRES_URL'
const user = 'postgres'

/** @type {import('./types.js').Definition} */
export const postgres = {
  variable,
  programs: { server: ['postgres'], initdb: ['initdb'] },
  folders: ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin'],
  packages: ['postgresql'],
  async start(options, { server: program = '', initdb = '' }) {
    const folder = makeFolder('postgres')
    const data = join(folder, 'data')
    const create = ['-D', data, '-U', user, '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C']
    await runProgram(initdb, create, { folder }).catch((error) => {
      removeFolder(folder)
      throw error
    })
    const port = await freePort()
    const url = `postgres://${user}@127.0.0.1:${port}/postgres`
    const server = createServer({
      name: 'postgres',
      program,
      args: ['-D', data, '-p', String(port), '-k', folder, ...settings(options)],
      folder,
      port,
      url,
      ready: () => answers(port, startup, (answer) => answer.includes(readyForQuery)),
      // Fast: it does not wait for clients to leave.
      stopSignal: 'SIGINT',
    })
    return startServers({ name: 'postgres', variable, url, folder, servers: [server] })
  },
}

/** @param {import('./types.js').ServiceOptions} options */
function settings({ config = {}, args = [] }) {
  const all = {
    listen_addresses: '127.0.0.1',
    // The machine does not crash, only the server: what it wrote stays written.
    fsync: false,
    // Segments in the data folder: what a killed server leaves goes with the folder.
    dynamic_shared_memory_type: 'mmap',
    ...config,
  }
  return [...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]), ...args]
}

/** Version 3.0 of the protocol, and who wants to talk. While it starts, the port is open and the answer an error. */
const startup = message(Buffer.from([0, 3, 0, 0]), `user\0${user}\0database\0postgres\0\0`)

/** Type, length, and: in no transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** @param {Buffer} head @param {string} text */
function message(head, text) {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + head.length + text.length)
  return Buffer.concat([length, head, Buffer.from(text)])
}
