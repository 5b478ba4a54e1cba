/**
 * One server, over whatever connections it takes.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Answer } from './connection.js'
import { Connection } from './connection.js'
import { away, NoAnswer, PROVIDER } from './errors.js'
import type { Address, Settings } from './options.js'
import { nameOf } from './options.js'
import type { Request } from './protocol.js'

/** Milliseconds for which a server that did not answer isn't asked again: at first, and at most. */
const MIN_REST = 50
const MAX_REST = 1000

/** Connects on demand, again after a loss. */
export class Node {
  readonly name: string
  readonly #address: Address
  readonly #settings: Settings
  readonly #report: (error: Error) => void
  #connection: Connection | undefined
  #closed = false
  /** Why the server could not be reached the last time; undefined: it answers, or was never asked. */
  #reason: Error | undefined
  #rest = 0
  #restsUntil = 0
  /** Whether the connection is to find out if the server, away a moment ago, is back. */
  #isTrial = false

  /** @param report is told of each outage once */
  constructor(address: Address, settings: Settings, report: (error: Error) => void) {
    this.name = nameOf(address)
    this.#address = address
    this.#settings = settings
    this.#report = report
  }

  /**
   * Asks once: what became of a request that has no answer is for the caller to find out.
   * @throws {NoAnswer} when no answer comes
   * @throws {SessionError} `SESS_STORE` at once when the server is known to be away
   */
  async ask(request: Request, connection: Connection = this.#open()): Promise<Answer> {
    const answer = await connection.ask(request)
    this.#reason = undefined
    this.#rest = 0
    return answer
  }

  /** For what may be done twice: it survives the loss of a connection. */
  async repeat(request: Request): Promise<Answer> {
    const connection = this.#open()
    try {
      return await this.ask(request, connection)
    } catch (error) {
      if (!(error instanceof NoAnswer) || !connection.hasAnswered || connection.isSilent) throw error
      return this.ask(request)
    }
  }

  close(): void {
    this.#closed = true
    this.#connection?.close()
  }

  #open(): Connection {
    if (this.#closed) throw new SessionError('SESS_CLOSED', 'the provider was closed', { provider: PROVIDER })
    const rested = performance.now() - this.#restsUntil
    const isBusy = this.#connection ? this.#isTrial && !this.#connection.hasAnswered : rested < 0
    if (this.#reason && isBusy) throw away(this.name, this.#reason) // one request tries it, others don't wait for that
    if (this.#connection) return this.#connection
    this.#isTrial = rested < MAX_REST // of one that was away long ago, nobody knows
    const onOver = (reason: Error): void => this.#lose(connection, reason)
    const connection = new Connection(this.#address, this.#settings, onOver)
    this.#connection = connection
    return connection
  }

  /** A connection that never answered, or not any more, says that the server is away; one that was hung up does not. */
  #lose(connection: Connection, reason: Error): void {
    if (this.#connection === connection) this.#connection = undefined
    if (this.#closed || (connection.hasAnswered && !connection.isSilent)) return
    if (!this.#reason) this.#report(away(this.name, reason))
    this.#reason = reason
    this.#rest = Math.min(MAX_REST, this.#rest * 2 || MIN_REST)
    this.#restsUntil = performance.now() + this.#rest
  }
}
