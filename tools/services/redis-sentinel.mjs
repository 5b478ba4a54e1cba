import { join as path } from 'node:path'
import { writeForServer } from './account.mjs'
import { makeFolder, makeSubfolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { askRedis, createRedisServer, redisArgs, redisPackages, redisPrograms } from './redis-node.mjs'
import { startServers } from './service.mjs'
import { waitFor } from './wait.mjs'

const variable = 'REDIS_SENTINEL_URL'
const masterName = 'main'
const replicas = 2
const quorum = 2

/**
 * A master with two replicas, watched by three sentinels. The URL is `redis-sentinel://host:port,…#name-of-the-master`.
 * @type {import('./types.js').Definition<import('./types.js').RedisSentinel>}
 */
export const redisSentinel = {
  variable,
  programs: redisPrograms,
  packages: redisPackages,
  controls: ['masterName', 'nodes', 'master'],
  async start(options, { server: program = '', cli = '' }) {
    const folder = makeFolder('redis-sentinel')
    const password = options.config?.requirepass
    const ports = await Promise.all(Array.from({ length: 1 + replicas + 3 }, () => freePort()))
    const [first = 0] = ports
    const nodes = ports.slice(0, 1 + replicas).map((port) => createNode(port))
    const sentinels = ports.slice(1 + replicas).map((port) => createSentinel(port))

    /** @param {number} port */
    function createNode(port) {
      const own = makeSubfolder(folder, `node-${port}`)
      const defaults = {
        port,
        dir: own,
        'repl-diskless-sync-delay': 0,
        ...(password !== undefined && { masterauth: password }),
        ...(port !== first && { replicaof: `127.0.0.1 ${first}` }),
      }
      return createRedisServer({ name: `node-${port}`, program, args: redisArgs(options, defaults), folder: own, port })
    }

    /** @param {number} port */
    function createSentinel(port) {
      const own = makeSubfolder(folder, `sentinel-${port}`)
      // Sentinels keep what they learn in their configuration.
      const file = writeForServer(path(own, 'sentinel.conf'), sentinelConf({ port, own, first, password }))
      return createRedisServer({ name: `sentinel-${port}`, program, args: [file, '--sentinel'], folder: own, port })
    }

    async function findMaster() {
      for (const { port } of sentinels.filter(({ state }) => state === 'running')) {
        const answer = await askRedis(cli, { port, folder }, 'sentinel', 'get-master-addr-by-name', masterName)
        const named = nodes.find((node) => node.port === Number(answer?.split('\n')[1]) && node.state === 'running')
        const role = named && (await askRedis(cli, { port: named.port, folder, password }, 'role'))
        if (role?.startsWith('master')) return named
      }
      return undefined
    }

    /** Each sentinel knows the two others and the replicas, else no failover is possible. */
    const join = async () => {
      const ready = await waitFor(async () => (await Promise.all(sentinels.map(knowsAll))).every(Boolean), {
        seconds: 15,
        every: 50,
      })
      if (!ready) throw new Error('The sentinels did not find each other within 15 seconds')
    }

    /** @param {import('./types.js').Server} sentinel */
    async function knowsAll({ port }) {
      const info = (await askRedis(cli, { port, folder }, 'info', 'sentinel')) ?? ''
      return info.includes(`status=ok`) && info.includes(`slaves=${replicas},sentinels=3`)
    }

    const url = `redis-sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}#${masterName}`
    const servers = [...nodes, ...sentinels]
    const service = await startServers({ name: 'redis-sentinel', variable, url, folder, servers, join })
    return Object.assign(service, {
      masterName,
      nodes,
      async master() {
        const master = await waitFor(findMaster, { seconds: 15, every: 50 })
        if (!master) throw new Error('The sentinels have no running master')
        return master
      },
    })
  },
}

/** @param {{ port: number, own: string, first: number, password: string | number | boolean | undefined }} settings */
const sentinelConf = ({ port, own, first, password }) =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${own}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${first} ${quorum}`,
    `sentinel down-after-milliseconds ${masterName} 500`,
    `sentinel failover-timeout ${masterName} 2000`,
    `sentinel parallel-syncs ${masterName} ${replicas}`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${masterName} ${password}`]),
    '',
  ].join('\n')
