/**
 * Looks after a client of our own: a silent connection is replaced, an unused one closed, and a server that is known to
 * be away isn't waited for.
 * @module
 */
import type { RedisClient } from './client.js'
import { away, withoutArguments } from './errors.js'
import { NodeWatch } from './node-watch.js'

export interface VigilOptions {
  /** Milliseconds within which something has to come from a server that was asked. */
  readonly patience: number
  /** Milliseconds after which an unused client is closed; 0: never. */
  readonly idle: number
  /** The client is not to be used any more: it was idle, or gave up. */
  readonly onOver: () => void
  /** The server can't be reached. */
  readonly onAway: (error: Error) => void
  /** The server is there. */
  readonly onReady: () => void
}

/** Only one timer, and only while the client is in use or open. It costs a command nothing but two numbers. */
export class Vigil {
  readonly #client: RedisClient
  readonly #options: VigilOptions
  readonly #interval: number
  #pending = 0
  /** When something was last sent to an idle server, or came from it. */
  #active = 0
  #timer: NodeJS.Timeout | undefined
  /** Why the connection was lost, or the last attempt to make one failed. */
  reason: Error | undefined
  /** An attempt to connect failed, and none succeeded since. */
  isAway = false
  #stopped = false
  /** It was told to connect anew, and nothing was heard of it since. */
  #isCut = false
  readonly #nodes: NodeWatch | undefined

  constructor(client: RedisClient, options: VigilOptions) {
    this.#client = client
    this.#options = options
    this.#interval = options.idle > 0 ? Math.min(options.idle, options.patience) : options.patience
    if (client.isCluster) this.#nodes = new NodeWatch(client, options.patience)
    for (const event of ['close', 'reconnecting', 'error', 'connect', 'ready'])
      client.on(event, () => void (this.#isCut = false))
    client.on('error', this.#onError)
    client.on('connect', this.#onConnect)
    client.on('ready', this.#onReady)
    client.on('end', this.#onEnd)
  }

  /** @throws {SessionError} `SESS_STORE` when the server is known to be away; the client goes on trying to reach it */
  begin(): void {
    if (this.isAway) throw away(this.reason!)
    if (this.#pending++ === 0) this.#active = performance.now()
    if (!this.#timer) this.#arm(this.#interval)
    this.#nodes?.begin()
  }

  end(): void {
    this.#pending--
    this.#active = performance.now()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#nodes?.stop()
  }

  #arm(milliseconds: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#look(), milliseconds)
    this.#timer.unref()
  }

  #look(): void {
    this.#timer = undefined
    const passed = performance.now() - this.#active
    if (this.#pending > 0 || this.#client.status !== 'ready') this.#lookAtBusy(passed)
    else if (this.#options.idle > 0) this.#lookAtIdle(passed)
  }

  /** TCP itself would wait for a quarter of an hour. A client that doesn't even begin to connect anew is given up. */
  #lookAtBusy(passed: number): void {
    const { patience } = this.#options
    if (passed < patience) return this.#arm(patience - passed)
    if (this.#client.status === 'reconnecting') return this.#arm(patience)
    if (this.#isCut) return this.#options.onOver()
    this.#isCut = true
    this.#fail(new Error(`no answer within ${patience / 1000} s`), true)
    this.#client.disconnect(true)
  }

  #lookAtIdle(passed: number): void {
    const { idle, onOver } = this.#options
    if (passed < idle) this.#arm(idle - passed)
    else onOver()
  }

  readonly #onError = (error: Error): void => {
    const isLost = this.#client.status === 'ready' // a new one may be made at once
    this.#fail(withoutArguments(error), !isLost)
  }

  /** What follows, until the server is ready, may take its time too. */
  readonly #onConnect = (): void => void (this.#active = performance.now())

  readonly #onReady = (): void => {
    this.reason = undefined
    this.isAway = false
    this.#options.onReady()
  }

  readonly #onEnd = (): void => {
    if (!this.#stopped) this.#options.onOver()
  }

  #fail(reason: Error, isAway: boolean): void {
    this.reason = reason
    if (!isAway) return
    this.isAway = true
    this.#active = performance.now()
    if (!this.#timer) this.#arm(this.#options.patience) // commands fail at once now, and start no timer
    this.#options.onAway(reason)
  }
}
