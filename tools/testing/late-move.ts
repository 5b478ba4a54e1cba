/**
 * A new id that is asked for while the network stands still: what arrives when the visitor was told long ago that it
 * failed must not take away the id that he has.
 * @module
 */
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Manager, Provider } from '@sess/core'
import { createManager } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './until.js'

/** Seconds. */
const STORE_TIMEOUT = 0.8

export interface LateMove {
  /** Of the server. */
  port: () => number
  /** A provider whose connections go to this port. */
  through: (port: number) => Provider
  /** One that goes to the server by itself. */
  beside: () => Provider
  /** What is in the packet that takes the old id away. @default the new id */
  marker?: string
  /** The new id may be there, which nobody knows: it ends with its lifetime. */
  leavesCopy?: boolean
}

/** @param name of the provider */
export function lateMove(name: string, { port, through, beside, marker, leavesCopy = false }: LateMove): void {
  describe(`a new id on ${name} that is asked for while the network stands still`, () => {
    const network = new Network(port)
    const managers: Manager[] = []
    beforeAll(async () => {
      await network.open()
      for (const provider of [through(network.port), beside()]) {
        managers.push(createManager({ provider, storeTimeout: STORE_TIMEOUT }))
        await managers.at(-1)!.ready()
      }
    })
    afterAll(async () => {
      for (const manager of managers) await manager.close()
      network.close()
    })

    async function begun(manager: Manager): Promise<string> {
      const { id } = manager.newIdentity()
      const store = manager.provider.create(id)
      store.set('n', 1)
      await store.release()
      return id
    }

    it('is not given later', async () => {
      const [behind, other] = managers as [Manager, Manager]
      const { provider } = behind
      await provider.regenerate(await begun(behind), behind.newIdentity().id) // all that is prepared once is prepared
      const id = await begun(behind)
      const next = behind.newIdentity().id
      network.hold(marker ?? next)
      const start = performance.now()
      const moved = provider.regenerate(id, next).then(
        () => 'moved',
        (error: unknown) => error,
      )
      await until(() => network.isHolding)
      await sleep(STORE_TIMEOUT * 1000 - (performance.now() - start))
      network.release()
      expect(await moved).toBeInstanceOf(Error)
      await sleep(200) // until the server is done with what it got late
      expect(await other.provider.exist(id)).toBe(true)
      if (!leavesCopy) expect(await other.provider.exist(next)).toBe(false)
    })
  })
}

/** Carries connections to a server, and can stand still: what is sent meanwhile arrives later, also if its sender is gone. */
class Network {
  port = 0
  readonly #sockets: Set<Socket> = new Set()
  readonly #server = createServer((near) => this.#carry(near))
  readonly #target: () => number
  #marker: string | undefined
  #held: (() => void)[] = []

  constructor(target: () => number) {
    this.#target = target
  }

  get isHolding(): boolean {
    return this.#held.length > 0
  }

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** From the first packet on that has this in it. */
  hold(marker: string): void {
    this.#marker = marker
  }

  release(): void {
    this.#marker = undefined
    for (const send of this.#held.splice(0)) send()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #carry(near: Socket): void {
    const far = connect(this.#target(), '127.0.0.1')
    for (const socket of [near, far]) this.#sockets.add(socket.on('error', () => undefined))
    near.on('data', (data) => {
      const isHeld = this.isHolding || (this.#marker !== undefined && data.includes(this.#marker))
      if (isHeld) this.#held.push(() => far.write(data))
      else far.write(data)
    })
    far.pipe(near)
  }
}
