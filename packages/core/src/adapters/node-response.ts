/**
 * A response that waits for its sessions to be committed before its first byte.
 *
 * Until then the calls that would send something are kept, in order, and made when the store has confirmed. Nothing to
 * commit: nothing is kept. After the headers, changes that a streaming handler still makes are committed at its end.
 * @module
 */
import type { Awaitable } from '../awaitable.js'
import { attempt } from '../awaitable.js'
import type { Exchange } from '../exchange.js'
import { CACHE_CONTROL } from '../exchange.js'
import type { NodeResponse } from './node.js'
import { grouped, headOf, isFreeOfOurs, joined } from './write-head.js'

type Method = 'writeHead' | 'flushHeaders' | 'write' | 'end'
type Call = (...args: unknown[]) => unknown
type Hooked = NodeResponse & Record<Method, Call> & { [HELD]?: HeldResponse }

const HELD = Symbol('@sess/core.held')

/**
 * open → holding → sent, or straight to sent when there is nothing to commit; sent → ending when there is something
 * left at the end; failed: the error page passes freely.
 */
type Phase = 'open' | 'holding' | 'sent' | 'ending' | 'failed'

export class HeldResponse {
  readonly #res: Hooked
  readonly #original: Record<Method, Call>
  readonly #failed: (error: Error) => void
  readonly #exchanges: Exchange[]
  #phase: Phase
  #kept: (() => void)[] = []
  #hasEnd = false
  #needsDrain = false

  /**
   * Makes a response wait for a session. It has to be done before the handler runs: in `res.end(read(req.session))`
   * the method is looked up before the session is touched.
   * @param failed called instead of sending the response, when the session could not be committed
   */
  static attach(res: NodeResponse, exchange: Exchange, failed: (error: Error) => void): HeldResponse {
    const held = (res as Hooked)[HELD]
    if (!held) return ((res as Hooked)[HELD] = new HeldResponse(res as Hooked, exchange, failed))
    held.#exchanges.push(exchange)
    return held
  }

  private constructor(res: Hooked, exchange: Exchange, failed: (error: Error) => void) {
    this.#res = res
    this.#exchanges = [exchange]
    this.#failed = failed
    this.#phase = res.headersSent ? 'sent' : 'open'
    // Called with the response as `this`; another middleware may have put its own there before.
    const { writeHead, flushHeaders, write, end } = res as Record<Method, Call>
    this.#original = { writeHead, flushHeaders, write, end }
    res.writeHead = hookedWriteHead as never
    res.flushHeaders = hookedFlushHeaders
    res.write = hookedWrite as never
    res.end = hookedEnd as never
  }

  writeHead(args: unknown[]): unknown {
    if (this.#phase === 'holding') throw headersSent()
    if (this.#phase !== 'open' || !isStatus(args[0])) return this.#call('writeHead', args)
    const joined = this.#isUntouched() ? args : this.#joined(args)
    if (joined) return this.#passHead(joined)
    const [status, message] = this.#takeHead(args)
    this.#send(() => this.#call('writeHead', message === undefined ? [status] : [status, message]))
    return this.#res
  }

  /**
   * With our headers among those that are given, where nothing has to be waited for and none of them is there already;
   * else `undefined`. To set each by itself takes a fifth of the time that Node needs for a request.
   */
  #joined(args: unknown[]): unknown[] | undefined {
    const headers = args.at(-1)
    const isAlone = this.#exchanges.length === 1 && this.#res.getHeaderNames().length === 0
    if (!isAlone || !isFreeOfOurs(headers) || this.#isPending()) return undefined
    return [...args.slice(0, -1), joined(headers, this.#exchanges[0]!.headers())]
  }

  /** The headers are fixed; what a handler changes from here on is committed at the end. */
  #passHead(args: unknown[]): unknown {
    const result = this.#call('writeHead', args)
    this.#phase = 'sent'
    return result
  }

  flushHeaders(): void {
    if (this.#phase === 'open' || this.#phase === 'holding') this.#send(() => this.#call('flushHeaders', []))
    else this.#call('flushHeaders', [])
  }

  write(args: unknown[]): unknown {
    if ((this.#phase !== 'open' && this.#phase !== 'holding') || !isChunk(args[0])) return this.#call('write', args)
    let accepted: unknown = false
    this.#send(() => {
      accepted = this.#call('write', args)
      this.#needsDrain = accepted === true
    })
    return accepted
  }

  end(args: unknown[]): unknown {
    if (this.#phase === 'sent' && this.#isPending()) return this.#commitAtEnd(args)
    if (this.#phase !== 'open' && this.#phase !== 'holding') return this.#call('end', args)
    if (args[0] != null && typeof args[0] !== 'function' && !isChunk(args[0])) return this.#call('end', args)
    this.#hasEnd = true
    this.#send(() => this.#call('end', args))
    return this.#res
  }

  /**
   * Commits ahead of the response, for frameworks that can still take the error at this point; a response that has
   * begun is left to itself. When it fails, the error page passes freely.
   */
  async commit(): Promise<void> {
    if (this.#phase !== 'open' || !this.#isPending()) return
    try {
      await this.#commitAll()
    } catch (error) {
      if (this.#phase === 'open') this.#phase = 'failed'
      throw error
    }
  }

  #commitAll(): Awaitable<void> {
    if (this.#exchanges.length === 1) return this.#exchanges[0]!.commit()
    return Promise.all(this.#exchanges.map(async (exchange) => exchange.commit())).then(() => undefined)
  }

  #call(method: Method, args: unknown[]): unknown {
    return this.#original[method].apply(this.#res, args)
  }

  /** No handler looked at a session yet: nothing to add to the headers. */
  #isUntouched(): boolean {
    return !this.#exchanges.some((exchange) => exchange.isTouched)
  }

  #isPending(): boolean {
    return this.#exchanges.some((exchange) => exchange.isPending())
  }

  /** Makes the call now, or keeps it until the sessions are committed. */
  #send(call: () => void): void {
    if (this.#phase === 'holding') {
      this.#kept.push(call)
      return
    }
    const committing = this.#isPending() ? this.#commitSafely() : undefined
    if (committing) this.#hold(call, committing)
    else this.#pass(call)
  }

  /** A store that throws at once has failed no less than one that rejects. */
  #commitSafely(): Awaitable<void> {
    return attempt(
      () => this.#commitAll(),
      () => undefined,
      (error) => Promise.reject(error as Error),
    )
  }

  #pass(call: () => void): void {
    this.#setHeaders()
    this.#phase = 'sent'
    call()
  }

  /** What goes on after the promise is out of it: what an old listener throws is not a rejection. */
  #hold(call: () => void, committing: Promise<void>): void {
    this.#phase = 'holding'
    this.#kept.push(call)
    Object.defineProperty(this.#res, 'headersSent', HEADERS_SENT)
    Object.defineProperty(this.#res, 'writableEnded', WRITABLE_ENDED)
    committing.then(
      () => process.nextTick(() => this.#release()),
      (error: Error) => {
        this.#phase = 'failed'
        process.nextTick(this.#failed, error)
      },
    )
  }

  #release(): void {
    this.#setHeaders()
    this.#phase = 'sent'
    for (const call of this.#kept.splice(0)) call()
    if (this.#needsDrain && !this.#hasEnd) this.#res.emit('drain')
  }

  #commitAtEnd(args: unknown[]): unknown {
    this.#phase = 'ending'
    Promise.resolve(this.#commitSafely()).then(
      () => process.nextTick(() => this.#call('end', args)),
      (error: Error) => this.#res.destroy(error), // too late for an error page: the visitor sees it cut off
    )
    return this.#res
  }

  /** What handlers see while calls are kept: what they would see had the calls been made. */
  headersSent(): boolean {
    return this.#phase === 'holding' || (inherited(this.#res, 'headersSent') as boolean)
  }

  writableEnded(): boolean {
    return this.#phase === 'holding' ? this.#hasEnd : (inherited(this.#res, 'writableEnded') as boolean)
  }

  #setHeaders(): void {
    for (const exchange of this.#exchanges) {
      const { setCookie, varies } = exchange.headers()
      if (varies) this.#vary()
      if (setCookie !== undefined) this.#setCookie(setCookie)
    }
  }

  #vary(): void {
    const others = this.#res.getHeader('Vary')
    const text = Array.isArray(others) ? others.join(', ') : String(others ?? '')
    if (text === '') this.#res.setHeader('Vary', 'Cookie')
    else if (!/(^|,)\s*(cookie|\*)\s*(,|$)/i.test(text)) this.#res.setHeader('Vary', `${text}, Cookie`)
  }

  #setCookie(cookie: string): void {
    const others = this.#res.getHeader('Set-Cookie')
    this.#res.setHeader('Set-Cookie', others === undefined ? cookie : [others, cookie].flat().map(String))
    if (!this.#res.hasHeader('Cache-Control')) this.#res.setHeader('Cache-Control', CACHE_CONTROL)
  }

  /**
   * Puts the headers that `writeHead` was given where ours can join them: it would write its own over ours, and lose
   * some of the forms that it is given (CVE-2025-7339). Wrong ones throw here, in the handler.
   */
  #takeHead(args: unknown[]): [status: number, message: string | undefined] {
    const { status, message, headers } = headOf(args)
    for (const [name, value] of grouped(headers)) this.#res.setHeader(name, value)
    return [status, message]
  }
}

/**
 * What a response has while it holds. The same functions for every one: new ones for each would take the engine's fast
 * paths away. Each is defined by itself: `Object.defineProperties` takes four times as long.
 */
const HEADERS_SENT: PropertyDescriptor = {
  get(this: Hooked): boolean {
    return this[HELD]!.headersSent()
  },
}
const WRITABLE_ENDED: PropertyDescriptor = {
  get(this: Hooked): boolean {
    return this[HELD]!.writableEnded()
  },
}

const inherited = (res: Hooked, name: string): unknown => Reflect.get(Object.getPrototypeOf(res) as object, name, res)

function hookedWriteHead(this: Hooked, ...args: unknown[]): unknown {
  return this[HELD]!.writeHead(args)
}

function hookedFlushHeaders(this: Hooked): void {
  this[HELD]!.flushHeaders()
}

function hookedWrite(this: Hooked, ...args: unknown[]): unknown {
  return this[HELD]!.write(args)
}

function hookedEnd(this: Hooked, ...args: unknown[]): unknown {
  return this[HELD]!.end(args)
}

const isStatus = (status: unknown): boolean => Number(status) >= 100 && Number(status) <= 999
const isChunk = (chunk: unknown): boolean => typeof chunk === 'string' || chunk instanceof Uint8Array

/** What Node throws when headers are written twice. */
function headersSent(): Error {
  const message = 'Cannot write headers after they are sent to the client'
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' })
}
