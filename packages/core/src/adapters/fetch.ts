/**
 * Sessions for whatever has `Request` and `Response`: Node, Deno, Bun, workers, and the frameworks that give them.
 * @module
 */
import { OptionError, SessionError, show } from '../errors.js'
import type { Flash } from '../flash.js'
import type { SessionOptions } from '../options.js'
import type { Session } from '../session.js'
import { FetchExchange } from './fetch-exchange.js'
import { startService } from './service.js'
import type { Service } from './service.js'
import { unknownPeer } from './unknown-peer.js'

export { SessionError }
export { defineProvider } from '../storage.js'
export type { Service } from './service.js'

/** What a handler gets besides its request. */
export interface Visit {
  /** The visitor's session. */
  readonly session: Session
  /** The session's flash messages. */
  readonly flash: Flash
}

/** A visit whose response is still to be made. */
export interface OpenVisit extends Visit {
  /**
   * Persists what changed and gives the response to return, with the cookie; the given one may have immutable headers.
   * Of a body that is still being made, what changes later is committed at its end.
   * @throws {SessionError} what the store throws: answer with its `getResponse()`, or an error page of your own, given to
   *   `withCookie`
   */
  readonly commit: (response: Response) => Promise<Response>
  /**
   * Persists nothing, and gives an error page with the cookie that the store has confirmed before it failed: where the
   * session got a new id, the old one is dead, and without the cookie the visitor is logged out.
   */
  readonly withCookie: (response: Response) => Response
}

/** What only the server knows of a request. */
export interface Peer {
  /** The address of the other end, for a `trustProxy` that lists addresses. */
  readonly remoteAddress?: string | undefined
}

export interface Sessioner extends Service {
  /**
   * Loads the session of a request.
   * @throws {SessionError} `SESS_STORE`, `SESS_TIMEOUT`: answer with its `getResponse()`, or an error page of your own
   */
  open(request: Request, peer?: Peer): Promise<OpenVisit>
}

/** A handler as servers take it; what they give besides the request is passed on. */
export interface SessionHandler<Rest extends unknown[]> extends Service {
  (request: Request, ...rest: Rest): Promise<Response>
}

/**
 * Makes what opens and commits sessions.
 *
 * @example
 * ```ts
 * const sessions = sessioner({ provider: 'memory' })
 * const { session, commit } = await sessions.open(request)
 * session.set('seen', true)
 * return commit(new Response('Hello'))
 * ```
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function sessioner(options?: SessionOptions): Sessioner {
  const service = startService(options)
  const unknown = unknownPeer('give it to open(request, { remoteAddress })')
  return {
    ...service,
    open: async (request, { remoteAddress } = {}) => {
      const addressOf = remoteAddress === undefined ? unknown : (): string => remoteAddress
      const visit = new FetchExchange(service.manager, request, addressOf)
      const { exchange } = visit
      await exchange.open()
      return {
        session: exchange.session,
        flash: exchange.flash,
        commit: (response) => visit.commit(response),
        withCookie: (response) => visit.withCookie(response),
      }
    },
  }
}

/**
 * Wraps a handler: it gets the session with the request, and its response goes out when the store has confirmed. A
 * store that is down is answered with 503; any other error is a rejection, which servers answer with 500.
 *
 * @example
 * ```ts
 * export default { fetch: withSession((request, { session }) => new Response(session.id), { provider: 'memory' }) }
 * ```
 * @param options of `sessioner`, or what it gave, for several handlers with the same sessions
 * @param peerOf what the server tells of the other end, from what it passes to the handler; asked where `trustProxy` lists
 *   addresses and a proxy says `https`
 * @throws {OptionError} `SESS_OPTION` on a wrong option, and when `trustProxy` lists addresses but nothing gives them
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function withSession<Rest extends unknown[]>(
  handler: (request: Request, visit: Visit, ...rest: Rest) => Response | Promise<Response>,
  options?: SessionOptions | Service,
  peerOf?: (request: Request, ...rest: Rest) => Peer,
): SessionHandler<Rest> {
  if (typeof handler !== 'function') throw new OptionError('handler', 'a function of the request', show(handler))
  const service = isService(options) ? options : startService(options)
  const { manager } = service
  if (manager.options.trustsAddresses && !peerOf) throw noPeerOf()

  async function handle(request: Request, ...rest: Rest): Promise<Response> {
    const visit = new FetchExchange(manager, request, () => peerOf?.(request, ...rest).remoteAddress)
    try {
      return await answer(visit, request, ...rest)
    } catch (error) {
      if (!(error instanceof SessionError && error.status === 503)) throw error
      return visit.withCookie(error.getResponse())
    }
  }

  async function answer(visit: FetchExchange, request: Request, ...rest: Rest): Promise<Response> {
    const { exchange } = visit
    await exchange.open()
    let response: Response
    try {
      response = await handler(request, exchange, ...rest)
    } catch (error) {
      await exchange.abandon().catch(() => undefined) // the handler's own error says more
      throw error
    }
    return visit.commit(response)
  }

  const { ready, close } = service
  return Object.assign(handle, { manager, ready, close })
}

const noPeerOf = (): OptionError =>
  new OptionError(
    'trustProxy',
    'true or false; or a list, and as third argument of withSession a function that gives { remoteAddress }',
    'a list alone',
  )

const isService = (options: SessionOptions | Service | undefined): options is Service =>
  options !== undefined && 'manager' in options
