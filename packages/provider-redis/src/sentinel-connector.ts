/**
 * How a client of ioredis finds the master. ioredis' own connector asks one sentinel after the other and starts behind
 * the last one each time; its detector of failovers writes to the console.
 * @module
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { AbstractConnector } from 'ioredis'
import type { Follower, HostPort, Sentinels } from './sentinels.js'

export interface SentinelConnectorOptions {
  readonly sentinels: Sentinels
  readonly tls?: ConnectionOptions
  readonly disconnectTimeout: number
  readonly retryStrategy: (times: number) => number
}

/** Of one client. Follows the master until the client has come to its end, which it is told by {@link end}. */
export class SentinelConnector extends AbstractConnector implements Follower {
  readonly #options: SentinelConnectorOptions
  master: HostPort | undefined

  constructor(options: SentinelConnectorOptions) {
    super(options.disconnectTimeout)
    this.#options = options
  }

  /** Tries until it succeeds, and tells of each failure, so that nobody waits for a master that is away. */
  async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
    const { sentinels, retryStrategy } = this.#options
    this.connecting = true
    sentinels.follow(this)
    for (let times = 1; this.connecting; times++) {
      try {
        const master = await sentinels.master()
        if (this.connecting) return this.#open(master)
      } catch (error) {
        if (this.connecting) emit('error', error as Error)
        await new Promise((done) => setTimeout(done, retryStrategy(times)))
      }
    }
    throw new Error('Connection is closed.')
  }

  /** A server that says that it is no master is asked for anew. */
  override check(info: { role?: string }): boolean {
    return info.role === undefined || info.role === 'master'
  }

  /** At once: what is under way would be thrown away with all that the old master still takes. */
  leave(): void {
    this.stream.destroy()
  }

  end(): void {
    this.#options.sentinels.unfollow(this)
  }

  #open(master: HostPort): Socket {
    const { tls } = this.#options
    const { host, port } = master
    this.master = master
    this.stream = tls ? connectTls({ host, port, ...tls }) : connect({ host, port })
    this.stream.once('error', (error: Error) => void (this.firstError = error))
    return this.stream
  }
}
