import { Redis } from 'ioredis'
import { afterAll, describe } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { lateMove } from '../../../tools/testing/late-move.js'
import { redis } from '../src/index.js'

const server = await service('redis', { own: true })

describe.skipIf(!server.available)('redis', () => {
  const port = (): number => server.servers[0]!.port
  const beside = (): ReturnType<typeof redis> => redis({ addr: server.addresses })
  lateMove('one server', { port, beside, through: (to) => redis({ addr: `127.0.0.1:${to}` }) })

  const clients: Redis[] = []
  afterAll(() => clients.forEach((client) => client.disconnect()))

  /** One server, asked as a cluster is, whose keys may lie apart. */
  function alikeCluster(to: number): Redis {
    const client = new Redis({ port: to, maxRetriesPerRequest: 0 }).on('error', () => undefined)
    clients.push(client)
    return Object.assign(client, { isCluster: true, nodes: () => [client] })
  }
  lateMove('a cluster', {
    port,
    beside,
    through: (to) => redis({ client: alikeCluster(to) }),
    marker: '\r\n$1\r\n0\r\n$13\r\n', // the arguments of the script that removes: whatever the version, until when
    leavesCopy: true,
  })
})
