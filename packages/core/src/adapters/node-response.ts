/**
 * A response that waits for its sessions to be committed before its first byte.
 *
 * Until then the calls that would send something are kept, in order, and made when the store has confirmed. Nothing to
 * commit: nothing is kept. What a streaming handler changes after the head is committed before the response ends.
 * @module
 */
import type { Readable } from 'node:stream'
import type { Awaitable } from '../awaitable.js'
import { andThen, attempt } from '../awaitable.js'
import type { Exchange } from '../exchange.js'
import { FixedHead, headersSent, inherited, isHttp2 } from './fixed-head.js'
import type { HeadKeeper } from './fixed-head.js'
import { KeptCalls } from './kept-calls.js'
import type { NodeResponse } from './node.js'
import { addSetCookie, addVary, isFreeOfOurs, joined } from './own-headers.js'
import { afterEnd, beforeHead, callsOf, hook } from './response-hooks.js'
import type { Call, Method, ResponseCalls } from './response-hooks.js'
import { takeHead } from './write-head.js'

/**
 * open → head, when the handler wrote one → sent, when something follows it; by way of holding, while a commit is under
 * way, at the first byte or later. failed: before anything was to be sent, so that the error page passes. abandoned: what
 * was kept is given up, the error page goes past us, and what still comes from the handler goes nowhere.
 */
type Phase = 'open' | 'head' | 'holding' | 'sent' | 'failed' | 'abandoned'

/** How often a head, and after it an end, waits for one more commit, when a session is changed again and again meanwhile. */
const MOST_ROUNDS = 3

export class HeldResponse implements HeadKeeper, ResponseCalls {
  readonly #res: NodeResponse
  readonly #original: Record<Method, Call>
  readonly #failed: (error: Error) => void
  readonly #exchanges: Exchange[]
  #phase: Phase = 'open'
  /** Whether the handler is done, so that it will not look at a session after the head. */
  #isDone = false
  /** Whether the handler had ended the response a turn before a session that begins was committed. */
  #isOver = false
  /** Whether the head leaves although the handler goes on. */
  #leavesEarly = false
  #head: FixedHead | undefined
  readonly #kept = new KeptCalls()
  #isWatched = false
  /** Whether the visitor hung up, or has all of it. */
  #isClosed = false
  #reason: Error | undefined
  /** How often the end was made anew after a commit. */
  #ends = 0
  /** What the handler pipes into the response. */
  #sources: Readable[] | undefined

  /**
   * Makes a response wait for a session; before the handler runs.
   * @param failed called instead of sending the response, when the session could not be committed
   */
  static attach(res: NodeResponse, exchange: Exchange, failed: (error: Error) => void): HeldResponse {
    const held = callsOf<HeldResponse>(res)
    if (!held) return new HeldResponse(res, exchange, failed)
    held.#exchanges.push(exchange)
    return held
  }

  private constructor(res: NodeResponse, exchange: Exchange, failed: (error: Error) => void) {
    this.#res = res
    this.#exchanges = [exchange]
    this.#failed = failed
    if (res.headersSent) this.#phase = 'sent'
    this.#original = hook(res, this)
  }

  /** Whether it is too late for a cookie. */
  get isHeadSent(): boolean {
    return (this.#head ? inherited(this.#res, 'headersSent') : this.#res.headersSent) as boolean
  }

  get isFixed(): boolean {
    return this.#phase === 'head' || (this.#phase === 'holding' && !this.isHeadSent)
  }

  get hasEnd(): boolean {
    return this.#phase === 'holding' && this.#kept.hasEnd
  }

  /**
   * Nothing leaves before there is a body, so the head is kept: what is read or changed before that is in time for it.
   * HTTP/2 sends heads at once.
   */
  writeHead(args: unknown[]): unknown {
    if (this.#phase === 'abandoned') return this.#res
    if (this.isFixed) throw headersSent(this.#res, 'write')
    if (this.#phase !== 'open' || !isStatus(args[0])) return this.#call('writeHead', args)
    if (this.#isDone && this.#passHead(args)) return this.#res
    const head = takeHead(this.#res, args)
    if (isHttp2(this.#res)) this.#leaveEarly('writeHead', head)
    else {
      this.#kept.push('writeHead', head)
      this.#phase = 'head'
      this.#head = new FixedHead(this.#res, this)
      this.#watch()
    }
    return this.#res
  }

  flushHeaders(): void {
    if (this.#phase === 'holding' || this.#phase === 'open' || this.#phase === 'head')
      this.#leaveEarly('flushHeaders', [])
    else if (this.#phase !== 'abandoned') this.#call('flushHeaders', [])
  }

  write(args: unknown[]): unknown {
    const [chunk] = args
    if (this.#phase === 'abandoned') return this.#drop(args)
    if (isChunk(chunk) && this.#mustWait(false)) return this.#kept.write(args, chunk.length)
    this.#watch()
    return this.#call('write', args)
  }

  end(args: unknown[]): unknown {
    const [chunk] = args
    if (this.#phase === 'abandoned') this.#drop(args)
    else if (isBody(chunk) && this.#ends < MOST_ROUNDS && this.#mustWait(true)) this.#kept.push('end', args)
    else return this.#call('end', args)
    return this.#res
  }

  piped(source: Readable): void {
    ;(this.#sources ??= []).push(source)
  }

  /**
   * Commits ahead of the response, for frameworks that can still take the error when the handler is done; a response that
   * has begun is left to itself. When it fails, the error page passes freely.
   */
  commit(): Awaitable<void> {
    this.#isDone = true
    if (this.#phase !== 'open' || !this.#isPending()) return undefined
    return attempt(
      () => andThen(this.#gathering(), () => this.#commitAll()),
      () => undefined,
      (error) => {
        if (this.#phase === 'open') {
          this.#phase = 'failed'
          beforeHead(this.#res, () => this.#setHeaders())
        }
        throw error
      },
    )
  }

  /** What a session that begins waits for: the end of one turn for all. */
  #gathering(): Promise<void> | undefined {
    for (const exchange of this.#exchanges) {
      const gathering = exchange.gathering()
      if (gathering) return gathering
    }
    return undefined
  }

  #commitAll(): Awaitable<void> {
    if (this.#exchanges.length === 1) return this.#exchanges[0]!.commitNow()
    return Promise.all(this.#exchanges.map(async (exchange) => exchange.commitNow())).then(() => undefined)
  }

  #call(method: Method, args: unknown[]): unknown {
    return this.#original[method].apply(this.#res, args)
  }

  /** Once the response has ended and its turn is over, objects are taken as they were committed. */
  #isPending(looksInside = !this.#isOver): boolean {
    return this.#exchanges.some((exchange) => exchange.isPending(looksInside))
  }

  /**
   * With our headers among those that are given, where nothing has to be waited for and none of them is there already. To
   * set each by itself takes a fifth of the time that Node needs for a request. Objects that were changed since the commit
   * are found at the end: until then nothing leaves but a stream.
   */
  #passHead(args: unknown[]): boolean {
    if (this.#isPending(false)) return false
    const [ours, ...others] = this.#exchanges.map((exchange) => exchange.headers())
    const saysNothing = !ours!.varies && ours!.setCookie === undefined
    const given = args.at(-1)
    if (others.length > 0) return false
    if (saysNothing) this.#call('writeHead', args)
    else if (isFreeOfOurs(given) && this.#res.getHeaderNames().length === 0)
      this.#call('writeHead', [...args.slice(0, -1), joined(given, ours!)])
    else return false
    this.#phase = 'sent'
    return true
  }

  /** Sends a head before the handler is done: nobody knows whether what follows depends on the cookie. */
  #leaveEarly(method: Method, args: unknown[]): void {
    if (!this.#isDone) this.#leavesEarly = true
    this.#watch()
    if (this.#mustWait(false)) this.#kept.push(method, args)
    else this.#call(method, args)
  }

  /** Whether a call has to wait for a commit, which is begun. If not, the head goes ahead of the call. */
  #mustWait(isLast: boolean): boolean {
    if (this.#phase === 'holding') return true
    const isBegun = this.#phase === 'sent'
    if (this.#phase === 'failed' || (isBegun && !isLast && this.#hasOpenEnd())) return false
    const waits = this.#isPending() && this.#begin(isBegun)
    if (!waits && !isBegun) this.#go()
    return waits
  }

  /** Begins to commit; whether the response has to wait. A session that begins waits for the others of its turn first. */
  #begin(isHeadSent: boolean): boolean {
    const gathering = isHeadSent ? undefined : this.#gathering()
    const committing = gathering ? undefined : this.#commitSafely()
    if (!gathering && !committing) return false
    this.#head ??= new FixedHead(this.#res, this)
    this.#phase = 'holding'
    if (gathering) void gathering.then(() => this.#commitGathered())
    else this.#hold(committing, 1)
    return true
  }

  /** At the end of the turn: a handler that has ended the response by now will hardly change an object any more. */
  #commitGathered(): void {
    this.#isOver = this.hasEnd
    this.#hold(this.#commitSafely(), 1)
  }

  /** Whether the visitor can't tell that the response is complete until it ends. */
  #hasOpenEnd(): boolean {
    if (isHttp2(this.#res)) return !this.#res.hasHeader('Content-Length')
    return (this.#res as { chunkedEncoding?: boolean }).chunkedEncoding === true
  }

  /** A store that throws at once has failed no less than one that rejects. */
  #commitSafely(): Awaitable<void> {
    return attempt(
      () => this.#commitAll(),
      () => undefined,
      (error) => Promise.reject(error as Error),
    )
  }

  /**
   * What goes on after the promise is out of it: what an old listener throws is not a rejection. Also where there is none,
   * so that all of a turn are committed before the first one is sent: two steps for many are quicker than both for each.
   */
  #hold(committing: Awaitable<void>, round: number): void {
    const release = (): void => process.nextTick(() => this.#release(round))
    if (!committing) return release()
    committing.then(release, (error: Error) => process.nextTick(() => this.#fail(error)))
  }

  /** The store has confirmed. What was changed while it did is committed too before the head leaves. */
  #release(round: number): void {
    const isGone = this.isHeadSent
    const committing = !isGone && this.#isDue(round) ? this.#commitSafely() : undefined
    if (committing) return this.#hold(committing, round + 1)
    try {
      if (!isGone && !this.#kept.beginsWithHead) this.#head?.restore()
      this.#go(isGone, !isGone && round < MOST_ROUNDS)
    } catch (error) {
      this.#fail(error as Error) // what Node would have thrown in the handler, had it sent this at once
    }
    if (this.#isClosed) this.#commitRest() // the close came while this waited, and found it busy
  }

  /** A session that is not stored yet needs its cookie in this head. */
  #isDue(round: number): boolean {
    return this.#exchanges.some(
      (exchange) => (round < MOST_ROUNDS || !exchange.isStored) && exchange.isPending(!this.#isOver),
    )
  }

  /**
   * Sends the head, with our headers, and then what was kept.
   * @param isGone whether the head has left before
   * @param isCommitted whether that was looked at just now: an end that follows at once needs not look again
   */
  #go(isGone = false, isCommitted = false): void {
    this.#phase = 'sent'
    if (!isGone) this.#setHeaders()
    const end = isCommitted ? this.#kept.takeLoneEnd() : undefined
    if (end) this.#call('end', end)
    else if (!this.#kept.isEmpty) this.#replay()
  }

  /** Each as if it came now: an end waits for what was changed meanwhile, or leaves it to the close. */
  #replay(): void {
    let isFull = false
    if (this.#kept.hasEnd && ++this.#ends === MOST_ROUNDS) this.#watch()
    for (const { method, args } of this.#kept.takeAll()) if (this[method](args) === false) isFull = true
    if (this.#phase !== 'sent' || !this.#kept.takeDrain()) return
    if (!isFull && !this.#res.writableEnded) this.#res.emit('drain')
  }

  /** The response can't be sent. Where its head is gone it is cut off, which is what the visitor is to see. */
  #fail(error: Error): void {
    this.#reason = error
    this.#phase = 'abandoned'
    for (const { args } of this.#kept.takeAll()) this.#drop(args)
    this.#stopSources()
    if (this.isHeadSent) return void this.#res.destroy(error)
    Object.assign(this.#res, this.#original) // also past what others put over ours, which has ended by its own account
    beforeHead(this.#res, () => this.#setHeaders())
    afterEnd(this.#res, (args) => this.#drop(args)) // the handler may not know yet
    this.#failed(error)
  }

  /** They would write where the error page does. Who reads nothing else ends when the page is out, so that it is closed. */
  #stopSources(): void {
    for (const source of this.#sources ?? []) {
      source.unpipe(this.#res)
      if (source.listenerCount('data') === 0) this.#res.once('close', () => source.resume())
    }
  }

  #drop(args: unknown[]): true {
    const callback = args.find((arg) => typeof arg === 'function')
    if (callback) process.nextTick(callback as Call, this.#reason)
    return true
  }

  /** What a stream changed before its visitor hung up is committed as well; the channels tell where that fails. */
  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#res.once('close', () => setImmediate(() => this.#commitRest())) // after what the handler does then
  }

  #commitRest(): void {
    this.#isClosed = true
    const isOver = this.#phase === 'sent' || this.#phase === 'head'
    if (isOver && this.#isPending()) Promise.resolve(this.#commitSafely()).catch(() => undefined)
  }

  /** Also on an error page: a new id that the store has confirmed is the visitor's to know, as the old one is dead. */
  #setHeaders(): void {
    for (const exchange of this.#exchanges) {
      const { setCookie, varies } = exchange.headers()
      if (varies || this.#leavesEarly) addVary(this.#res)
      if (setCookie !== undefined) addSetCookie(this.#res, setCookie)
    }
  }
}

const isStatus = (status: unknown): boolean => Number(status) >= 100 && Number(status) <= 999
const isChunk = (chunk: unknown): chunk is string | Uint8Array =>
  typeof chunk === 'string' || chunk instanceof Uint8Array
/** What `end` takes; at what it doesn't, Node throws in the handler. */
const isBody = (chunk: unknown): boolean => chunk == null || typeof chunk === 'function' || isChunk(chunk)
