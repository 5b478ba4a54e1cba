/**
 * What sentinels know: who the master is, and at once when it is another one.
 * @module
 */
import type { ConnectionOptions } from 'node:tls'
import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { Votes } from './votes.js'

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface SentinelsOptions {
  readonly addresses: readonly HostPort[]
  readonly masterName: string
  readonly tls?: ConnectionOptions
  /** Milliseconds within which a sentinel has to answer. */
  readonly patience: number
  readonly retryStrategy: (times: number) => number
}

/** Who is connected to a master, and has to leave it when it is none any more. */
export interface Follower {
  readonly master: HostPort | undefined
  leave(): void
}

/** There is another master: `NAME old-ip old-port new-ip new-port`. */
const SWITCHED = '+switch-master'
/** A replica is about to be made the master: `slave IP:PORT ip port @ NAME old-ip old-port`. The old one still takes writes. */
const SWITCHING = '+failover-state-send-slaveof-noone'
/** Milliseconds in which the sentinels have heard of a new master; until then they name the old one. */
const SPREADING = 10_000
/** Milliseconds for which nobody is connected to a master that is being replaced, should no other be named. */
const SWITCHING_TIME = 3000

const sameAddress = (a: HostPort, b: HostPort): boolean => a.host === b.host && a.port === b.port

/**
 * Those of one provider, whatever its pool's size. All are asked at the same time, so that a silent one holds up nobody.
 * They are listened to without a break: whoever only listens once it is connected misses what is told meanwhile, and
 * goes on writing to a master whose changes will be thrown away.
 */
export class Sentinels {
  readonly #options: SentinelsOptions
  readonly #followers: Set<Follower> = new Set()
  #ears: Redis[] = []
  #checking: Promise<void> | undefined
  /** Whom a sentinel called replaced. */
  #left: (HostPort & { readonly at: number }) | undefined

  constructor(options: SentinelsOptions) {
    this.#options = options
  }

  /**
   * Whom most sentinels name, as soon as they do; or most of those that answered in time.
   * @throws {Error} when none answers
   */
  async master(): Promise<HostPort> {
    const votes = new Votes(this.#options.addresses.length)
    const isGood = (master: HostPort): boolean => !this.#isLeft(master, SPREADING)
    let last: Error | undefined
    const asked = this.#options.addresses.map((address) =>
      this.#ask(address).then(
        (master) => votes.add(master),
        (error: Error) => void (last = error),
      ),
    )
    await Promise.race([Promise.all(asked), votes.decided(isGood)])
    const winner = votes.winner(isGood)
    if (!winner) throw new Error(`All sentinels are unreachable. Last error: ${last!.message}`)
    if (this.#isLeft(winner, SWITCHING_TIME)) throw new Error('the master is being replaced')
    return winner
  }

  /** From now on until `unfollow` the follower leaves a master that was replaced. */
  follow(follower: Follower): void {
    this.#followers.add(follower)
    if (this.#ears.length === 0) this.#ears = this.#options.addresses.map((address) => this.#listen(address))
  }

  /** Twice is the same as once. The last one to go ends the listening. */
  unfollow(follower: Follower): void {
    this.#followers.delete(follower)
    if (this.#followers.size > 0) return
    for (const ear of this.#ears) ear.disconnect()
    this.#ears = []
  }

  async #ask(address: HostPort): Promise<HostPort> {
    const { masterName, patience } = this.#options
    const client = new Redis({ ...this.#clientOptions(address), retryStrategy: () => null, commandTimeout: patience })
    let reason: Error | undefined
    client.on('error', (error: Error) => void (reason = error))
    try {
      const named = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName)
      if (Array.isArray(named)) return { host: String(named[0]), port: Number(named[1]) }
    } catch (error) {
      throw reason ?? error
    } finally {
      client.disconnect()
    }
    throw new Error(`no master is called ${masterName}`)
  }

  #listen(address: HostPort): Redis {
    const { retryStrategy } = this.#options
    const options = { ...this.#clientOptions(address), retryStrategy, autoResubscribe: false }
    const ear = new Redis(options)
    ear.on('error', () => undefined) // it connects again; as long as one hears, all is well
    ear.on('message', (channel, text: string) =>
      this.#onSwitch(channel === SWITCHED ? text : (text.split(' @ ')[1] ?? '')),
    )
    ear.on('ready', () => {
      ear.subscribe(SWITCHED, SWITCHING).then(
        () => void (this.#checking ??= this.#check()),
        () => undefined,
      )
    })
    return ear
  }

  #clientOptions({ host, port }: HostPort): RedisOptions {
    const { patience, tls } = this.#options
    return {
      host,
      port,
      ...(tls && { tls }),
      connectionName: 'sess',
      connectTimeout: patience,
      disconnectTimeout: patience,
      enableReadyCheck: false,
      keepAlive: 10_000,
    }
  }

  /** Whoever is connected to the old one leaves at once; the rest of the text doesn't matter. */
  #onSwitch(text: string): void {
    const [name, host = '', port] = text.split(' ')
    if (name !== this.#options.masterName) return
    const old = { host, port: Number(port) }
    this.#left = { ...old, at: performance.now() }
    this.#leave((master) => sameAddress(master, old))
  }

  /** What was told while nobody listened. */
  async #check(): Promise<void> {
    try {
      const master = await this.master()
      this.#leave((old) => !sameAddress(old, master))
    } catch {
      // nobody knows better
    } finally {
      this.#checking = undefined
    }
  }

  #leave(isOld: (master: HostPort) => boolean): void {
    for (const follower of this.#followers) if (follower.master && isOld(follower.master)) follower.leave()
  }

  #isLeft(master: HostPort, time: number): boolean {
    const left = this.#left
    return left !== undefined && sameAddress(left, master) && performance.now() - left.at < time
  }
}
