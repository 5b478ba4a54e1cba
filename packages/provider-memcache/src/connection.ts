/**
 * One connection to one server.
 * @module
 */
import type { Socket } from 'node:net'
import { endOfTurn } from '@sess/core'
import type { Server as MemjsServer } from 'memjs'
import memjs from 'memjs'
import { NoAnswer } from './errors.js'
import type { Address, Settings } from './options.js'
import type { Request } from './protocol.js'
import { encode } from './protocol.js'

/** What came back. All of it is gone when the next answer comes: copy what is kept. */
export interface Answer {
  readonly header: { readonly status: number; readonly opaque: number; readonly cas: Buffer }
  readonly val: Buffer
}

/** What its types keep to themselves. */
type Writable<Server> = { -readonly [Name in keyof Server]: Server[Name] } & {
  readonly _socket?: Socket
  /** Takes each answer. Its own keeps callbacks in objects by numbers that grow, which makes dictionaries of them. */
  respond: (answer: Answer) => void
}

interface Waiting {
  readonly since: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
}

/** Milliseconds after which an idle connection is probed, so that one that a firewall forgot is found. */
const KEEP_ALIVE = 30_000

/**
 * A memjs `Server` that is thrown away when its connection is lost: when it connects anew, it may forget requests, and
 * takes the rest of an old answer for the beginning of a new one. It says nothing when the server hangs up; here
 * every request has its answer or an error within the timeout.
 */
export class Connection {
  readonly #server: Writable<MemjsServer>
  readonly #socket: Socket | undefined
  readonly #timeout: number
  readonly #onOver: (reason: Error) => void
  /** By opaque, the oldest first. */
  readonly #waiting = new Map<number, Waiting>()
  #opaque = 0
  #timer: NodeJS.Timeout | undefined
  /** What is sent when the turn ends. */
  readonly #packet: Buffer[] = []
  isOver = false
  /** Whether it ever answered. */
  hasAnswered = false
  /** Whether it was given up since the server did not answer in time. */
  isSilent = false

  /** @param onOver told once, why the connection can't be used any more */
  constructor({ host, port }: Address, settings: Settings, onOver: (reason: Error) => void) {
    const { username, password, timeout } = settings
    this.#timeout = timeout * 1000
    this.#onOver = onOver
    const server = new memjs.Server(host, port, username, password, { timeout, conntimeout: timeout })
    this.#server = server as Writable<MemjsServer>
    this.#server.username = username // else it takes what it finds in the environment
    this.#server.password = password
    this.#server.respond = (answer) => this.#answered(answer)
    this.#server.onError(this.#opaque, (reason) => this.#fail(reason))
    this.#server.sock(false, (socket) => socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE))
    this.#socket = this.#server._socket
    this.#socket?.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  /** @throws {NoAnswer} when no answer comes */
  ask(request: Request): Promise<Answer> {
    this.#opaque = (this.#opaque + 1) >>> 0 || 1
    const opaque = this.#opaque
    const buffer = encode(request, opaque)
    return new Promise((resolve, reject) => {
      this.#waiting.set(opaque, { since: performance.now(), resolve, reject })
      this.#timer ??= this.#arm(this.#timeout)
      this.#server.sock(false, (socket) => this.#write(socket, buffer))
    })
  }

  close(): void {
    this.#fail(new Error('the provider was closed'))
  }

  #answered(answer: Answer): void {
    const { opaque } = answer.header
    const waiting = this.#waiting.get(opaque)
    this.#waiting.delete(opaque)
    this.hasAnswered = true
    waiting?.resolve(answer)
  }

  /** What one turn of the event loop asks goes as one packet. */
  #write(socket: Socket, request: Buffer): void {
    if (this.#packet.push(request) > 1) return
    void Promise.resolve(endOfTurn()).then(() => socket.write(Buffer.concat(this.#packet.splice(0))))
  }

  /** Where this process was busy, the timer comes before the answers that have arrived meanwhile: they are read first. */
  #arm(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => setImmediate(() => this.#look()), milliseconds).unref()
  }

  /** One timer for all: it looks at the oldest request, and costs the others nothing. */
  #look(): void {
    this.#timer = undefined
    const [oldest] = this.#waiting.values()
    if (!oldest) return
    const passed = performance.now() - oldest.since
    if (passed < this.#timeout) {
      this.#timer = this.#arm(this.#timeout - passed)
      return
    }
    this.isSilent = true
    this.#fail(new Error(`no answer within ${this.#timeout / 1000} s`))
  }

  /** Whether a request that has no answer yet was carried out, is not known; also later, by a server that hangs. */
  #fail(reason: unknown): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.#timer)
    const cause = errorOf(reason)
    for (const { reject } of this.#waiting.values()) reject(new NoAnswer(cause.message, { cause }))
    this.#waiting.clear()
    this.#server.error(cause)
    this.#socket?.destroy() // memjs only ends one that is still connecting, which goes on for minutes
    this.#onOver(cause)
  }
}

/** memjs tells of a wrong password in a text. Where no address answers, Node tells of each, and has no message. */
function errorOf(reason: unknown): Error {
  if (!(reason instanceof Error)) return new Error(String(reason))
  if (reason.message !== '') return reason
  const { errors = [], code } = reason as Partial<AggregateError> & { code?: string }
  return new Error(errors.map(String).join(', ') || code || reason.name, { cause: reason })
}
