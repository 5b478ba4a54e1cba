/**
 * What handlers see of a response whose head is decided and not yet on its way: what they would see had it left.
 * @module
 */
import type { NodeResponse } from './node.js'

type Call = (...args: unknown[]) => unknown

/** What a {@link FixedHead} asks of who keeps the calls. */
export interface HeadKeeper {
  /** Whether the head is decided, and can still be taken back. */
  readonly isFixed: boolean
  /** Whether the handler has ended the response. */
  readonly hasEnd: boolean
}

/** By what the head could be changed. Not every response has all of them. */
interface Changes {
  setHeader: Call | undefined
  setHeaders: Call | undefined
  appendHeader: Call | undefined
  removeHeader: Call | undefined
}

const KEEPER = Symbol('@sess/core.keeper')
const BEFORE = Symbol('@sess/core.before')

interface Fixed extends Changes {
  [KEEPER]: HeadKeeper
  /** What our methods stand for. */
  [BEFORE]: Changes
}

export const isHttp2 = (res: object): boolean => 'stream' in res

/** A property as Node's own response has it. */
export const inherited = (res: object, name: string): unknown =>
  Reflect.get(Object.getPrototypeOf(res) as object, name, res)

/** Status and message as they are now, and a response that says, until its head leaves, that it has left. */
export class FixedHead {
  readonly #res: NodeResponse
  readonly #status: number
  readonly #message: string | undefined

  constructor(res: NodeResponse, keeper: HeadKeeper) {
    this.#res = res
    this.#status = res.statusCode
    this.#message = isHttp2(res) ? undefined : res.statusMessage // HTTP/2 has none, and warns who asks
    const fixed = res as unknown as Fixed
    fixed[KEEPER] = keeper
    Object.defineProperty(res, 'headersSent', HEADERS_SENT)
    Object.defineProperty(res, 'writableEnded', WRITABLE_ENDED)
    const { setHeader, setHeaders, appendHeader, removeHeader } = fixed
    fixed[BEFORE] = { setHeader, setHeaders, appendHeader, removeHeader }
    // One by one: by names out of a list it takes ten times as long.
    if (setHeader) fixed.setHeader = guardedSet
    if (setHeaders) fixed.setHeaders = guardedSetAll
    if (appendHeader) fixed.appendHeader = guardedAppend
    if (removeHeader) fixed.removeHeader = guardedRemove
  }

  /** Takes back what was changed since. */
  restore(): void {
    if (this.#res.statusCode !== this.#status) this.#res.statusCode = this.#status
    if (this.#message !== undefined && this.#res.statusMessage !== this.#message)
      this.#res.statusMessage = this.#message
  }
}

/** What Node throws when the head has left. */
export function headersSent(res: object, doing: string): Error {
  const message = `Cannot ${doing} headers after they are sent to the client`
  return Object.assign(new Error(message), { code: isHttp2(res) ? 'ERR_HTTP2_HEADERS_SENT' : 'ERR_HTTP_HEADERS_SENT' })
}

/**
 * The same functions for every response: new ones for each would take the engine's fast paths away. Each property is
 * defined by itself: `Object.defineProperties` takes four times as long.
 */
const HEADERS_SENT: PropertyDescriptor = {
  get(this: Fixed): boolean {
    return this[KEEPER].isFixed || (inherited(this, 'headersSent') as boolean)
  },
}
const WRITABLE_ENDED: PropertyDescriptor = {
  get(this: Fixed): boolean {
    return this[KEEPER].hasEnd || (inherited(this, 'writableEnded') as boolean)
  },
}

function guard(name: keyof Changes): Call {
  const doing = name.replace(/Headers?$/, '')
  return function change(this: Fixed, ...args: unknown[]): unknown {
    if (this[KEEPER].isFixed) throw headersSent(this, doing)
    return this[BEFORE][name]!.apply(this, args)
  }
}

const guardedSet = guard('setHeader')
const guardedSetAll = guard('setHeaders')
const guardedAppend = guard('appendHeader')
const guardedRemove = guard('removeHeader')
