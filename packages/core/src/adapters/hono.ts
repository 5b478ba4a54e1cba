/**
 * Sessions for Hono 4, on Node and elsewhere.
 * @module
 */
import type { Context, Next } from 'hono'
import type { Awaitable } from '../awaitable.js'
import type { Exchange } from '../exchange.js'
import type { Flash } from '../flash.js'
import type { SessionOptions } from '../options.js'
import type { Session } from '../session.js'
import { FetchExchange } from './fetch-exchange.js'
import { answerError } from './node-error.js'
import { NodeExchange } from './node-exchange.js'
import type { NodeRequest, NodeResponse } from './node.js'
import { checkContext, checkNoContext, startService } from './service.js'
import type { Service } from './service.js'
import { unknownPeer } from './unknown-peer.js'

export { SessionError } from '../errors.js'
export { defineProvider } from '../storage.js'

declare module 'hono' {
  interface ContextVariableMap {
    /** The visitor's session; set by `sessioner`. */
    session: Session
    /** The session's flash messages; set by `sessioner`. */
    flash: Flash
  }
}

/** A middleware that gives `c.var.session` and `c.var.flash`. */
export interface Sessioner extends Service {
  (c: Context, next: Next): Promise<void>
}

/** Gives what is known of the connection: `getConnInfo` of the runtime's adapter of Hono, from 4.5 on. */
export type GetConnInfo = (c: Context) => { readonly remote: { readonly address?: string | undefined } }

/** One request. */
interface Visit {
  readonly exchange: Exchange
  finish(): Awaitable<void>
  /** Whose headers the error's response takes over; on Node they are set on its way out. */
  errorBase?(): Response
}

/** What `@hono/node-server` gives as `c.env`. */
interface NodeBindings {
  readonly incoming?: NodeRequest
  readonly outgoing?: NodeResponse
}

/**
 * Makes the middleware. What the handlers changed is committed when they are done, so that `app.onError` sees the error
 * of a store that is down; without one Hono answers with its `getResponse()`, a 503. What a stream changes later is
 * committed at its end.
 *
 * @example
 * ```ts
 * app.use(sessioner({ provider: 'memory' }))
 * app.get('/', (c) => c.text(c.var.session.get('user')?.name ?? 'stranger'))
 * ```
 * @param getConnInfo for a `trustProxy` that lists addresses, off Node; on Node its server tells them
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function sessioner(options?: SessionOptions, getConnInfo?: GetConnInfo): Sessioner {
  checkNoContext(options)
  const service = startService(options)
  const own = Symbol('session')
  const unknown = unknownPeer("give the runtime's getConnInfo to sessioner(options, getConnInfo)")

  async function session(c: Context & { [own]?: true }, next: Next): Promise<void> {
    checkContext('Hono', typeof c.req?.header === 'function', c)
    if (c[own]) return next() // a router uses the sessions of its application once more
    c[own] = true
    const visit = visitOf(c)
    const { exchange } = visit
    c.set('session', exchange.session)
    c.set('flash', exchange.flash)
    await exchange.open()
    await next()
    try {
      await visit.finish()
    } catch (error) {
      c.res = undefined // else this one's headers would go over to the next
      c.res = visit.errorBase?.()
      throw error
    }
  }

  /** On Node the response is held, as with every other server there; elsewhere it is made anew with our headers. */
  function visitOf(c: Context): Visit {
    const { incoming, outgoing } = (c.env ?? {}) as NodeBindings
    if (incoming && outgoing) {
      const failed = (error: Error): void => answerError(error, incoming, outgoing)
      const held = new NodeExchange(service.manager, incoming, outgoing, failed, () => c.req.url.startsWith('https:'))
      return { exchange: held.exchange, finish: () => held.commit() }
    }
    const addressOf = getConnInfo ? (): string | undefined => getConnInfo(c).remote.address : unknown
    const visit = new FetchExchange(service.manager, c.req.raw, addressOf)
    const errorBase = (): Response => visit.withCookie(new Response())
    return { exchange: visit.exchange, finish: () => replace(c, visit), errorBase }
  }

  return Object.assign(session, service)
}

async function replace(c: Context, visit: FetchExchange): Promise<void> {
  const response = await visit.commit(c.res)
  if (response === c.res) return
  c.res = undefined // else Hono copies the headers of the old one over those of the new one
  c.res = response
}
