import { join } from 'node:path'
import { writeForServer } from './account.mjs'
import { makeFolder, removeFolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { answers } from './probe.mjs'
import { runProgram } from './program.mjs'
import { createServer } from './server.mjs'
import { startServers } from './service.mjs'

const variable = 'MYSQL_URL'
const database = 'sess'

/** The first byte after a packet's length and number: the protocol's version, in the server's greeting. */
const protocol = 10

/** @type {import('./types.js').Definition} */
export const mariadb = {
  variable,
  programs: { server: ['mariadbd'], create: ['mariadb-install-db'] },
  folders: ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'],
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  async start(options, { server: program = '', create = '' }) {
    const folder = makeFolder('mariadb')
    const data = join(folder, 'data')
    await runProgram(create, ['--no-defaults', `--datadir=${data}`, ...createArgs], { folder }).catch((error) => {
      removeFolder(folder)
      throw error
    })
    const sql = writeForServer(join(folder, 'init.sql'), `CREATE DATABASE IF NOT EXISTS ${database};\n`)
    const port = await freePort()
    const url = `mysql://root@127.0.0.1:${port}/${database}`
    const places = [`--datadir=${data}`, `--socket=${folder}/socket`, `--pid-file=${folder}/pid`, `--init-file=${sql}`]
    const server = createServer({
      name: 'mariadb',
      program,
      args: ['--no-defaults', ...places, `--port=${port}`, ...settings(options)],
      folder,
      port,
      url,
      ready: () => answers(port, '', (answer) => answer[4] === protocol),
    })
    return startServers({ name: 'mariadb', variable, url, folder, servers: [server] })
  },
}

const createArgs = ['--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=8M']

/** @param {import('./types.js').ServiceOptions} options */
function settings({ config = {}, args = [] }) {
  const all = {
    'bind-address': '127.0.0.1',
    'skip-log-bin': true,
    'skip-name-resolve': true,
    'innodb-log-file-size': '8M',
    // The machine does not crash, only the server: what it wrote stays written.
    'innodb-flush-log-at-trx-commit': 2,
    ...config,
  }
  return [...Object.entries(all).map(([name, value]) => `--${name}=${flag(value)}`), ...args]
}

/** @param {string | number | boolean} value */
const flag = (value) => (typeof value === 'boolean' ? Number(value) : value)
