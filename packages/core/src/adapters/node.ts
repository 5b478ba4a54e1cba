/**
 * Sessions for `node:http`, the compatibility API of `node:http2`, Connect, and Express 4 and 5.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Awaitable } from '../awaitable.js'
import { warn } from '../builtin.js'
import type { Flash } from '../flash.js'
import type { SessionOptions } from '../options.js'
import type { Session } from '../session.js'
import { asDictionaryIfQuicker } from './dictionary.js'
import { answerError } from './node-error.js'
import { NodeExchange } from './node-exchange.js'
import { checkCalled, checkFree, checkResponse, startService } from './service.js'
import type { Service } from './service.js'

declare global {
  namespace Express {
    interface Request {}
  }
}

/**
 * Ours; or, where an application has the types of express-session too, theirs: it uses that middleware still, and two
 * types of `req.session` would be an error in Express's own.
 */
export type RequestSession = Express.Request extends { session: infer Theirs } ? Theirs : Session

declare module 'http' {
  interface IncomingMessage {
    /** The visitor's session; set by `sessioner`. */
    session: RequestSession
    /** The session's flash messages; set by `sessioner`. */
    flash: Flash
  }
}

declare module 'http2' {
  interface Http2ServerRequest {
    /** The visitor's session; set by `sessioner`. */
    session: Session
    /** The session's flash messages; set by `sessioner`. */
    flash: Flash
  }
}

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export type NodeResponse = ServerResponse | Http2ServerResponse
/** Called when the session is there, or with the error when it could not be loaded. */
export type Next = (error?: unknown) => void

/** A middleware that gives `req.session` and `req.flash`, and in Express `res.locals.Flash`. */
export interface Sessioner extends Service {
  (req: NodeRequest, res: NodeResponse, next: Next): void
  /**
   * The session of a request that this middleware has seen; with two middlewares on one application `req.session` is
   * the later one's. `undefined` for a request that it has not seen.
   */
  of(req: NodeRequest): Session | undefined
}

/**
 * Makes the middleware. Options are checked at once; the store is opened at once too, and if it can't be reached, the
 * requests that need it get an error until it can.
 *
 * A request without a session costs the store nothing, and waits for nobody but those that come with it on a busy server.
 * A response whose handler changed the session waits for the store's confirmation before its first byte.
 *
 * Errors go to `next(error)` where there is Connect or Express to take them; elsewhere they are answered with 503 or 500.
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function sessioner(options?: SessionOptions): Sessioner {
  checkCalled(arguments)
  const service = startService(options)
  const { manager } = service
  const own = Symbol('session') // a WeakMap of requests would cost the garbage collector more than all the rest

  function session(req: NodeRequest, res: NodeResponse, next: Next): void {
    checkResponse(res)
    const seen = (req as WithSession)[own]
    if (seen) return useAgain(req, seen, next)
    checkFree(req.session)
    const { locals } = res as { locals?: Record<string, unknown> } // Express's, which sets prototypes
    if (locals) [req, res].forEach(asDictionaryIfQuicker)
    const { exchange } = new NodeExchange(manager, req, res, failed, isSecure)

    /** By Express's own `trust proxy`. */
    function isSecure(): boolean {
      return (req as { secure?: boolean }).secure === true
    }

    /** The commit failed, and nothing of the response has left. Only Connect and Express can be called a second time. */
    function failed(error: Error): void {
      req.session ??= exchange.session // for the error page, where the handler had put null
      const isConnect = typeof (req as { originalUrl?: unknown }).originalUrl === 'string'
      answerError(error, req, res, takerOf(error, isConnect ? next : undefined), manager.options.storeTimeout)
    }
    req.session = exchange.session
    req.flash = exchange.flash
    ;(req as WithSession)[own] = exchange.session
    if (locals) locals['Flash'] = exchange.flash
    const notOpened = (error: unknown): void =>
      answerError(error as Error, req, res, takerOf(error as Error, next.length > 0 ? next : undefined))
    let opening: Awaitable<void>
    try {
      opening = exchange.open()
    } catch (error) {
      return notOpened(error) // of a store that answers at once
    }
    if (!opening) return next()
    opening.then(
      () => process.nextTick(next), // out of the promise: what a handler throws is not a rejection
      (error) => process.nextTick(notOpened, error),
    )
  }

  return Object.assign(session, service, { of: (req: NodeRequest) => (req as WithSession)[own] })
}

/** Who takes an error; where that is nobody, the operator hears of it, unless it is of a store, of which the channels tell. */
function takerOf(error: Error, next: Next | undefined): Next | undefined {
  if (!next && (error as { status?: number }).status !== 503) warn(error)
  return next
}

/** A router may use the sessions of its application once more; another middleware's may have come between. */
function useAgain(req: NodeRequest, session: Session, next: Next): void {
  req.session = session
  req.flash = session.flash
  next()
}

type WithSession = NodeRequest & Record<symbol, Session | undefined>
