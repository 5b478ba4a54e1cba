/**
 * The methods by which a response is sent, replaced on one response.
 * @module
 */
import type { Readable } from 'node:stream'
import type { NodeResponse } from './node.js'

export type Method = 'writeHead' | 'flushHeaders' | 'write' | 'end'
export type Call = (...args: unknown[]) => unknown

/** What gets the calls, with the arguments as a list. */
export interface ResponseCalls {
  writeHead(args: unknown[]): unknown
  flushHeaders(): void
  write(args: unknown[]): unknown
  end(args: unknown[]): unknown
  piped(source: Readable): void
}

const CALLS = Symbol('@sess/core.held')
type Hooked<Calls extends ResponseCalls = ResponseCalls> = NodeResponse & Record<Method, Call> & { [CALLS]?: Calls }

/** What gets the calls of a response, where its methods were replaced. */
export const callsOf = <Calls extends ResponseCalls>(res: NodeResponse): Calls | undefined =>
  (res as Hooked<Calls>)[CALLS]

/**
 * Replaces the methods. It has to be done before the handler runs: in `res.end(read(req.session))` the method is looked up
 * before the session is touched.
 * @returns what they were; another middleware may have put its own there before
 */
export function hook(res: NodeResponse, calls: ResponseCalls): Record<Method, Call> {
  const hooked = res as Hooked
  const before = methodsOf(hooked)
  hooked[CALLS] = calls
  hooked.writeHead = hookedWriteHead as never
  hooked.flushHeaders = hookedFlushHeaders
  hooked.write = hookedWrite as never
  hooked.end = hookedEnd as never
  hooked.on('pipe', hookedPipe)
  return before
}

function methodsOf({ writeHead, flushHeaders, write, end }: Record<Method, Call>): Record<Method, Call> {
  return { writeHead, flushHeaders, write, end }
}

/** Runs `fn` ahead of whatever sends the head, once. */
export function beforeHead(res: NodeResponse, fn: () => void): void {
  const before = methodsOf(res as Hooked)
  let isDue = true
  const calling =
    (call: Call): Call =>
    (...args) => {
      if (isDue) {
        isDue = false
        fn()
      }
      return call.apply(res, args)
    }
  Object.assign(res, {
    writeHead: calling(before.writeHead),
    flushHeaders: calling(before.flushHeaders),
    write: calling(before.write),
    end: calling(before.end),
  })
}

/** What is written when the response has ended goes to `drop`: of Node it is an error event, which ends the process. */
export function afterEnd(res: NodeResponse, drop: (args: unknown[]) => void): void {
  const { write, end } = methodsOf(res as Hooked)
  const dropping =
    (call: Call): Call =>
    (...args) => {
      if (!res.writableEnded) return call.apply(res, args)
      drop(args)
      return res
    }
  Object.assign(res, { write: dropping(write), end: dropping(end) })
}

// The same functions for every response: new ones for each would take the engine's fast paths away.

function hookedWriteHead(this: Hooked, ...args: unknown[]): unknown {
  return this[CALLS]!.writeHead(args)
}

function hookedFlushHeaders(this: Hooked): void {
  this[CALLS]!.flushHeaders()
}

function hookedWrite(this: Hooked, ...args: unknown[]): unknown {
  return this[CALLS]!.write(args)
}

function hookedEnd(this: Hooked, ...args: unknown[]): unknown {
  return this[CALLS]!.end(args)
}

function hookedPipe(this: unknown, source: Readable): void {
  ;(this as Hooked)[CALLS]!.piped(source)
}
