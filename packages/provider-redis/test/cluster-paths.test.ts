import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Storage } from '@sess/core'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import type { Server } from '../../../tools/services/types.js'
import { until } from '../../../tools/testing/until.js'
import { admin, newId, sleep, storageOn } from './support.js'

/** Milliseconds by which each look-up of a name is late; ioredis takes its function when it is loaded. */
const names = await vi.hoisted(async () => {
  const { default: dns } = await import('node:dns')
  const { lookup } = dns
  const state = { delay: 0 }
  dns.lookup = ((...args: Parameters<typeof lookup>) =>
    setTimeout(() => lookup(...args), state.delay)) as unknown as typeof lookup
  return state
})

const cluster = await service('redis-cluster', { own: true })
const RECORD = '{\n}'

/** Carries connections to a server, until it forgets them without a word, as a firewall does. New ones it takes. */
class Path {
  port = 0
  readonly #pairs: Set<{ near: Socket; far: Socket; isDead: boolean }> = new Set()
  readonly #server = createServer((near) => this.#carry(near))
  readonly #target: number

  constructor({ port }: Server) {
    this.#target = port
  }

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    this.port = (this.#server.address() as { port: number }).port
  }

  forget(): void {
    for (const pair of this.#pairs) pair.isDead = true
  }

  close(): void {
    for (const { near, far } of this.#pairs) [near, far].forEach((socket) => socket.destroy())
    this.#server.close()
  }

  #carry(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1')
    const pair = { near, far, isDead: false }
    this.#pairs.add(pair)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => void (pair.isDead || to.write(data)))
      from.on('error', () => undefined).on('close', () => void (pair.isDead || to.destroy()))
    }
  }
}

const answers = (storage: Storage, id: string): Promise<boolean> =>
  Promise.race([
    Promise.resolve(storage.load(id)).then(
      (loaded) => loaded !== undefined,
      () => false,
    ),
    sleep(2500).then(() => false),
  ])

describe.skipIf(!cluster.available)('a cluster', () => {
  it('is found though one of the names does not exist', async () => {
    const storage = await storageOn({ haMode: 'cluster', addr: ['no-such-host.invalid:1', ...cluster.addresses] })
    await storage.close!()
  })

  it('is found again after names were found slowly while it was away', async () => {
    const port = cluster.servers[0]!.port
    const storage = await storageOn({ haMode: 'cluster', addr: `localhost:${port}` }, [], 1)
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'v1')
    await cluster.pause()
    names.delay = 1500
    for (let i = 0; i < 2; i++) expect(await answers(storage, id)).toBe(false)
    await cluster.resume()
    await sleep(3000)
    names.delay = 0
    await until(() => answers(storage, id), 6000)
    await storage.close!()
  })

  describe('whose nodes are behind a firewall that forgets the connections to one of them', () => {
    const paths = cluster.available ? cluster.servers.map((server) => new Path(server)) : []
    afterAll(() => paths.forEach((path) => path.close()))

    it('has new ones to that node, while the others go on', async () => {
      const byOwner = new Map<number, string>()
      while (byOwner.size < 3) {
        const id = newId()
        byOwner.set((await cluster.masterOf(`session:${id}`)).port, id)
      }
      for (const [i, path] of paths.entries()) {
        await path.open()
        const client = admin(cluster.servers[i]!.port)
        await client.config('SET', 'cluster-announce-port', path.port)
        client.disconnect()
      }
      await sleep(2500) // until all know
      const storage = await storageOn({ haMode: 'cluster', addr: paths.map(({ port }) => `127.0.0.1:${port}`) }, [], 2)
      for (const id of byOwner.values()) await storage.save(id, RECORD, 60, undefined, 'v1')
      const [[owner, id], ...others] = [...byOwner] as [[number, string], ...[number, string][]]
      paths[cluster.servers.findIndex(({ port }) => port === owner)]!.forget()
      let served = 0
      let isOver = false
      const traffic = (async () => {
        while (!isOver) {
          for (const [, other] of others) if (await answers(storage, other)) served++
          await sleep(50)
        }
      })()
      const start = performance.now()
      await until(() => answers(storage, id), 10_000)
      console.log(`a dead path to one node: served again after ${Math.round(performance.now() - start)} ms`)
      expect(performance.now() - start).toBeLessThan(5000)
      isOver = true
      await traffic
      expect(served).toBeGreaterThan(20)
      await storage.close!()
    })
  })
})
