import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Storage } from '@sess/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { until } from '../../../tools/testing/until.js'
import { newId, sleep, storageOn } from './support.js'

const server = await service('redis')
const RECORD = '{\n"n":1\n}'
/** Seconds. */
const STORE_TIMEOUT = 0.6

/** A network to a server that can stand still: what is sent meanwhile arrives later, also if its sender is gone. */
class Network {
  port = 0
  /** Holds what comes from now on if this is in it. */
  holdsFrom: string | undefined
  readonly #held: (() => void)[] = []
  readonly #sockets: Set<Socket> = new Set()
  readonly #server = createServer((near) => {
    const far = connect(server.available ? server.servers[0]!.port : 0, '127.0.0.1')
    for (const socket of [near, far]) this.#sockets.add(socket.on('error', () => undefined))
    near.on('data', (data) => {
      if (this.#held.length > 0 || (this.holdsFrom !== undefined && data.includes(this.holdsFrom)))
        this.#held.push(() => far.write(data))
      else far.write(data)
    })
    far.pipe(near)
  })

  get isHolding(): boolean {
    return this.#held.length > 0
  }

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    this.port = (this.#server.address() as AddressInfo).port
  }

  release(): void {
    this.holdsFrom = undefined
    for (const send of this.#held.splice(0)) send()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

describe.skipIf(!server.available)('a new id that is asked for while the network stands still', () => {
  const network = new Network()
  let storage: Storage // beside the network
  const clients: Redis[] = []
  beforeAll(async () => {
    await network.open()
    storage = await storageOn({ addr: server.available ? server.addresses : [] })
  })
  afterAll(async () => {
    clients.forEach((client) => client.disconnect())
    await storage.close!()
    network.close()
  })

  /** On one connection as on a cluster's, whose keys lie apart. */
  function alikeCluster(): Redis {
    const client = new Redis({ port: network.port, maxRetriesPerRequest: 0 }).on('error', () => undefined)
    clients.push(client)
    return Object.assign(client, { isCluster: true, nodes: () => [client] })
  }

  it.each(['one server', 'a cluster'])('is not given later, on %s', async (topology) => {
    const isCluster = topology === 'a cluster'
    const options = isCluster ? { client: alikeCluster() } : { addr: `127.0.0.1:${network.port}` }
    const behind = await storageOn(options, [], STORE_TIMEOUT)
    const [other, id, next] = [newId(), newId(), newId()]
    await behind.save(other, RECORD, 60, undefined, 'v1')
    expect(await behind.rename(other, newId(), 60)).toBe(true) // the server has the scripts now
    await behind.save(id, RECORD, 60, undefined, 'v2')
    network.holdsFrom = isCluster ? '$2\r\nv2\r\n' : `session:${next}\r\n` // what takes the old key away
    const begun = performance.now()
    const moved = Promise.resolve(behind.rename(id, next, 60)).then(String, (error: Error) => error)
    await until(() => network.isHolding)
    expect(await storage.exists(next)).toBe(isCluster) // nobody knows of the copy
    await sleep(STORE_TIMEOUT * 1000 - (performance.now() - begun))
    network.release()
    expect(await moved).toBeInstanceOf(Error)
    await sleep(100)
    expect(await storage.exists(id)).toBe(true)
    if (!isCluster) expect(await storage.exists(next)).toBe(false)
    await behind.close!()
  })
})
