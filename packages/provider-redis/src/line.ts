/**
 * One client at work.
 * @module
 */
import type { Duplex } from 'node:stream'
import type { RedisClient, RedisNode } from './client.js'
import { errorOf } from './errors.js'
import type { Vigil } from './vigil.js'

/** Sends commands through one client, ours or the application's. What one turn of the event loop asks goes as one. */
export class Line {
  readonly isCluster: boolean
  /** Put before each key by the client itself. */
  readonly keyPrefix: string
  /**
   * How often a connection was lost. Another number after a command than before it: the client may have sent it twice.
   */
  losses = 0
  readonly #client: RedisClient
  readonly #vigil: Vigil | undefined
  #gathering = false

  /** @param vigil looks after a client of our own */
  constructor(client: RedisClient, vigil?: Vigil) {
    this.#client = client
    this.#vigil = vigil
    this.isCluster = client.isCluster === true
    this.keyPrefix = String(client.options?.keyPrefix ?? '')
    for (const event of LOSSES) client.on(event, this.#lose)
  }

  /**
   * Names in capitals are sent to masters, whatever `scaleReads` says: a replica may not have the session yet.
   * @throws {Refusal} when the server answers with an error
   * @throws {NoAnswer} when no answer comes
   */
  async call(command: string, ...args: (string | number)[]): Promise<unknown> {
    this.#vigil?.begin()
    this.#gather()
    try {
      return await this.#client.call(command, ...args)
    } catch (error) {
      throw errorOf(error)
    } finally {
      this.#vigil?.end()
    }
  }

  /** Of the whole cluster, or the one server. */
  masters(): readonly RedisNode[] {
    return this.#client.nodes?.('master') ?? [this.#client]
  }

  /** Leaves the client as it is. */
  release(): void {
    for (const event of LOSSES) this.#client.off(event, this.#lose)
  }

  /** Closes the client. */
  close(): void {
    this.#vigil?.stop()
    this.#client.disconnect()
  }

  readonly #lose = (): void => void this.losses++

  /** One packet for all, where each command would be one: this halves what the server does, and see decision 020. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    const streams: Duplex[] = []
    for (const { stream } of this.masters()) if (stream) streams.push(stream)
    for (const stream of streams) stream.cork()
    setImmediate(() => {
      this.#gathering = false
      for (const stream of streams) stream.uncork()
    })
  }
}

/** Of a connection, and of a cluster's node. */
const LOSSES = ['close', '-node']
