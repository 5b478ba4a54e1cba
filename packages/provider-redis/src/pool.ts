/**
 * The connections of one provider.
 * @module
 */
import { SessionError } from '@sess/core'
import type { RedisClient } from './client.js'
import { away, NoAnswer, PROVIDER } from './errors.js'
import { Line } from './line.js'
import { Vigil } from './vigil.js'

export interface PoolOptions {
  /** How many connections, or clients of a cluster. */
  readonly size: number
  /** Milliseconds after which an unused one is closed; 0: never. */
  readonly idle: number
  /** Milliseconds within which a server has to answer. */
  readonly patience: number
  /** Is told of each outage once. */
  readonly report: (error: Error) => void
}

/** Where a storage gets its lines. */
export interface Lines {
  next(): Line
  /** For commands that may be carried out twice: they survive the loss of a connection. */
  repeat(command: string, ...args: (string | number)[]): Promise<unknown>
  close(): void
}

/** The application's client: it connects, repeats and reports as the application told it to, and stays open. */
export class Borrowed implements Lines {
  readonly #line: Line

  constructor(client: RedisClient) {
    this.#line = new Line(client)
  }

  next(): Line {
    return this.#line
  }

  repeat(command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#line.call(command, ...args)
  }

  close(): void {
    // it is not ours
  }
}

/** Clients of our own, opened when their turn first comes. */
export class Pool implements Lines {
  readonly #create: () => RedisClient
  readonly #options: PoolOptions
  readonly #lines: (Line | undefined)[]
  #turn = 0
  #reported = false
  #closed = false

  constructor(create: () => RedisClient, options: PoolOptions) {
    this.#create = create
    this.#options = options
    this.#lines = Array.from({ length: options.size }, () => undefined)
  }

  /** One that lost its connection is passed over, as long as there are others; meanwhile no further ones are opened. */
  next(): Line {
    if (this.#closed) throw new SessionError('SESS_CLOSED', 'the provider was closed', { provider: PROVIDER })
    for (let i = 0; i < this.#lines.length; i++) {
      const turn = this.#turn
      this.#turn = (turn + 1) % this.#lines.length
      const line = this.#lines[turn] ?? (this.#isAway() ? undefined : this.#open(turn))
      if (line?.isAway === false) return line
    }
    return this.#lines.find((line) => line !== undefined) ?? this.#open(this.#turn)
  }

  #isAway(): boolean {
    return this.#lines.some((line) => line?.isAway)
  }

  async repeat(command: string, ...args: (string | number)[]): Promise<unknown> {
    const line = this.next()
    try {
      return await line.call(command, ...args)
    } catch (error) {
      if (!(error instanceof NoAnswer) || line.isCluster) throw error
      return this.next().call(command, ...args)
    }
  }

  close(): void {
    this.#closed = true
    for (const turn of this.#lines.keys()) this.#drop(turn)
  }

  #open(turn: number): Line {
    const { idle, patience } = this.#options
    const client = this.#create()
    const onOver = (): void => this.#drop(turn, line)
    const onReady = (): void => void (this.#reported = false)
    const vigil = new Vigil(client, { idle, patience, onOver, onReady, onAway: this.#report })
    const line = new Line(client, vigil)
    this.#lines[turn] = line
    return line
  }

  /** The next one whose turn it is gets a new client. */
  #drop(turn: number, line: Line | undefined = this.#lines[turn]): void {
    if (line !== undefined && this.#lines[turn] === line) this.#lines[turn] = undefined
    line?.close()
  }

  readonly #report = (reason: Error): void => {
    if (this.#reported || this.#closed) return
    this.#reported = true
    this.#options.report(away(reason))
  }
}
