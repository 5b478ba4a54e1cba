/**
 * One client at work.
 * @module
 */
import type { Duplex } from 'node:stream'
import { endOfTurn } from '@sess/core'
import type { RedisClient, RedisNode } from './client.js'
import { errorOf } from './errors.js'
import type { Vigil } from './vigil.js'

/** Sends commands through one client, ours or the application's. What one turn of the event loop asks goes as one. */
export class Line {
  readonly isCluster: boolean
  /** Put before each key by the client itself. */
  readonly keyPrefix: string
  readonly #watch: Watch
  readonly #client: RedisClient
  readonly #vigil: Vigil | undefined
  #gathering = false

  /** @param vigil looks after a client of our own */
  constructor(client: RedisClient, vigil?: Vigil) {
    this.#client = client
    this.#vigil = vigil
    this.isCluster = client.isCluster === true
    this.keyPrefix = textOf(client.options?.keyPrefix)
    this.#watch = watchOf(client)
  }

  /**
   * How often a connection was lost. Another number after a command than before it: the client may have sent it twice.
   */
  get losses(): number {
    return this.#watch.losses
  }

  /** The server is known to be out of reach. */
  get isAway(): boolean {
    return this.#vigil?.isAway === true
  }

  /** Why the connection was lost, or could not be made. */
  get reason(): Error | undefined {
    return this.#vigil?.reason
  }

  /** At once, but for a client that is still connecting and was told by the application not to queue what comes before. */
  async whenItTakesCommands(): Promise<void> {
    const { options, status } = this.#client
    if (options?.enableOfflineQueue !== false || !CONNECTING.has(status)) return
    await new Promise<void>((go) => this.#watch.waiting.push(go))
  }

  /**
   * Names in capitals are sent to masters, whatever `scaleReads` says: a replica may not have the session yet.
   * @throws {Refusal} when the server answers with an error
   * @throws {NoAnswer} when no answer comes
   */
  call(command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.callOn(this.#client, command, ...args)
  }

  /** The same on one of the {@link Line.masters}. */
  async callOn(node: Pick<RedisNode, 'call'>, command: string, ...args: (string | number)[]): Promise<unknown> {
    this.#vigil?.begin()
    this.#gather()
    try {
      return await node.call(command, ...args)
    } catch (error) {
      throw errorOf(error, this.reason)
    } finally {
      this.#vigil?.end()
    }
  }

  /** Of the whole cluster, or the one server. */
  masters(): readonly RedisNode[] {
    return this.#client.nodes?.('master') ?? [this.#client]
  }

  /** Closes the client. */
  close(): void {
    this.#vigil?.stop()
    this.#client.disconnect()
  }

  /** One packet for all, where each command would be one: this halves what the server does, and see decision 020. */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    const streams: Duplex[] = []
    for (const { stream } of this.masters()) if (stream) streams.push(stream)
    for (const stream of streams) stream.cork()
    void Promise.resolve(endOfTurn()).then(() => {
      this.#gathering = false
      for (const stream of streams) stream.uncork()
    })
  }
}

/** ioredis takes a Buffer too. */
function textOf(keyPrefix: unknown): string {
  return Buffer.isBuffer(keyPrefix) ? keyPrefix.toString() : typeof keyPrefix === 'string' ? keyPrefix : ''
}

/** ioredis's names for what leads to a connection without anybody's doing. */
const CONNECTING: ReadonlySet<string> = new Set(['connecting', 'connect', 'reconnecting'])

interface Watch {
  losses: number
  /** Whom to tell when the client is ready. */
  readonly waiting: (() => void)[]
}

const watched = new WeakMap<RedisClient, Watch>()

/** Listened to once: an application may make many providers of one client, and one that is away is opened again and again. */
function watchOf(client: RedisClient): Watch {
  const known = watched.get(client)
  if (known) return known
  const watch: Watch = { losses: 0, waiting: [] }
  watched.set(client, watch)
  for (const event of ['close', '-node']) client.on(event, () => watch.losses++)
  client.on('ready', () => watch.waiting.splice(0).forEach((go) => go()))
  return watch
}
