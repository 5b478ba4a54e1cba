import { makeFolder, makeSubfolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { runProgram } from './program.mjs'
import { askRedis, createRedisServer, credentials, redisArgs, redisPackages, redisPrograms } from './redis-node.mjs'
import { startServers } from './service.mjs'
import { waitFor } from './wait.mjs'

const variable = 'REDIS_CLUSTER_URL'
const nodes = 6

/** The nodes talk to each other on a port this much higher. */
const busOffset = 10_000

/** Three masters with a replica each. A dead master is replaced within about 2 seconds. */
const clusterConfig = {
  'cluster-enabled': true,
  'cluster-node-timeout': 1000,
  'cluster-replica-validity-factor': 0,
  // Without it a failover loses keys: the replica waits for others to sync with, and has nothing yet.
  'repl-diskless-sync-delay': 0,
}

/** @type {import('./types.js').Definition<import('./types.js').RedisCluster>} */
export const redisCluster = {
  variable,
  programs: redisPrograms,
  packages: redisPackages,
  controls: ['masterOf'],
  async start(options, { server: program = '', cli = '' }) {
    const folder = makeFolder('redis-cluster')
    const password = options.config?.requirepass
    const ports = await Promise.all(Array.from({ length: nodes }, () => freePort({ also: busOffset })))
    const servers = ports.map((port) => {
      const name = `node-${port}`
      const own = makeSubfolder(folder, name)
      const defaults = { port, dir: own, ...clusterConfig, ...(password !== undefined && { masterauth: password }) }
      return createRedisServer({ name, program, args: redisArgs(options, defaults), folder: own, port })
    })

    /** @param {number} port @param {...string} command */
    const ask = (port, ...command) => askRedis(cli, { port, folder, password }, ...command)

    const join = async () => {
      const create = ['--cluster', 'create', ...ports.map((port) => `127.0.0.1:${port}`)]
      const env = password === undefined ? {} : { REDISCLI_AUTH: String(password) }
      await runProgram(cli, [...create, '--cluster-replicas', '1', '--cluster-yes'], { folder, env })
      const joined = await waitFor(async () => (await Promise.all(ports.map(isJoined))).every(Boolean), { seconds: 15 })
      if (!joined) throw new Error('The cluster did not come together within 15 seconds')
    }

    /** It serves, and if it is a replica, it has its master's data. @param {number} port */
    async function isJoined(port) {
      const state = await ask(port, 'cluster', 'info')
      const replication = await ask(port, 'info', 'replication')
      return state?.includes('cluster_state:ok') && !replication?.includes('master_link_status:down')
    }

    /** @param {string} key */
    async function findMaster(key) {
      const running = servers.filter(({ state }) => state === 'running')
      for (const { port } of running) {
        const slot = Number(await ask(port, 'cluster', 'keyslot', key))
        const owner = portOfSlot((await ask(port, 'cluster', 'nodes')) ?? '', slot)
        const server = running.find((candidate) => candidate.port === owner)
        if (server) return server
      }
      return undefined
    }

    const url = `redis://${credentials(options)}${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
    const service = await startServers({ name: 'redis-cluster', variable, url, folder, servers, join })
    return Object.assign(service, {
      /** @param {string} key */
      async masterOf(key) {
        const master = await waitFor(() => findMaster(key), { seconds: 15, every: 50 })
        if (!master) throw new Error(`No running master owns "${key}"`)
        return master
      },
    })
  },
}

/**
 * The port of the master that serves a slot, as a node sees it.
 * @param {string} list the answer to CLUSTER NODES: id, address, flags, master, ping, pong, epoch, link, slots
 * @param {number} slot
 */
function portOfSlot(list, slot) {
  for (const line of list.split('\n')) {
    const [, address = '', flags = '', , , , , , ...slots] = line.trim().split(' ')
    if (!flags.split(',').includes('master') || flags.split(',').includes('fail')) continue
    const covers = slots.some((range) => {
      const [from, to = from] = range.split('-').map(Number)
      return from !== undefined && to !== undefined && from <= slot && slot <= to
    })
    if (covers) return Number(/:(\d+)@/.exec(address)?.[1])
  }
  return undefined
}
