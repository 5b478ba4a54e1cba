import { removeFolder } from './folder.mjs'
import { processTree } from './process-tree.mjs'

/**
 * Starts servers and gives them as one service. What it has in common whatever the servers are.
 * @param {object} parts
 * @param {string} parts.name
 * @param {string} parts.variable
 * @param {string} parts.url
 * @param {string} parts.folder
 * @param {import('./types.js').Server[]} parts.servers
 * @param {() => Promise<void>} [parts.join] what makes one of them, once all answer
 * @returns {Promise<import('./types.js').Service>}
 */
export async function startServers({ name, variable, url, folder, servers, join }) {
  /** @param {(server: import('./types.js').Server) => Promise<void>} action */
  const each = async (action) => void (await Promise.all(servers.map(action)))

  /** @type {import('./types.js').Service} */
  const service = {
    name,
    variable,
    available: true,
    isOurs: true,
    url,
    env: { [variable]: url },
    addresses: addressesOf(url),
    servers,
    folder,
    get pids() {
      return servers.flatMap(({ pid }) => (pid === undefined ? [] : processTree(pid)))
    },
    log: () => servers.map((server) => server.log()).join('\n'),
    pause: () => each((server) => server.pause()),
    resume: () => each((server) => server.resume()),
    kill: () => each((server) => server.kill()),
    restart: () => each((server) => server.restart()),
    async stop() {
      await each((server) => server.stop())
      removeFolder(folder)
    },
  }
  try {
    await each((server) => server.start())
    await join?.()
    return service
  } catch (error) {
    await service.stop()
    throw error
  }
}

/** The `host:port` list of a URL like `redis://user:password@a:1,b:2/0`. @param {string} url */
export function addressesOf(url) {
  const authority = url.replace(/^[\w+.-]+:\/\//, '').split(/[/?#]/)[0] ?? ''
  return authority.slice(authority.lastIndexOf('@') + 1).split(',')
}
