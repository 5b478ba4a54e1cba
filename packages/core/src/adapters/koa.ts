/**
 * Sessions for Koa 2 and 3.
 * @module
 */
import '../on-node.js'
import type { DefaultState, ExtendableContext } from 'koa'
import type { Flash } from '../flash.js'
import type { SessionOptions } from '../options.js'
import type { Session } from '../session.js'
import { NodeExchange } from './node-exchange.js'
import { checkCalled, checkContext, startService } from './service.js'
import type { Service } from './service.js'

declare module 'koa' {
  interface ExtendableContext {
    /** The visitor's session; set by `sessioner`. */
    session: Session
    /** The session's flash messages; set by `sessioner`. */
    flash: Flash
  }
}

/** A middleware that gives `ctx.session` and `ctx.flash`, and to views `ctx.state.Flash`. */
export interface Sessioner extends Service {
  (ctx: ExtendableContext & { state: DefaultState }, next: () => Promise<unknown>): Promise<void>
}

/**
 * Makes the middleware. What the middlewares below changed is committed when they are done, so that those above see the
 * error of a store that is down; what is changed later, by them or by a stream, before the response ends.
 *
 * @example
 * ```ts
 * app.use(sessioner({ provider: 'file' }))
 * app.use((ctx) => {
 *   ctx.session.set('visits', Number(ctx.session.get('visits') ?? 0) + 1)
 * })
 * ```
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function sessioner(options?: SessionOptions): Sessioner {
  checkCalled(arguments)
  const service = startService(options)
  const own = Symbol('session')

  async function session(
    ctx: ExtendableContext & { state: DefaultState; [own]?: true },
    next: () => Promise<unknown>,
  ): Promise<void> {
    checkContext('Koa', ctx.res !== undefined && ctx.state !== undefined, ctx)
    if (ctx[own]) return void (await next()) // a router uses the sessions of its application once more
    ctx[own] = true
    const failed = (error: Error): void => ctx.onerror(error)
    const held = new NodeExchange(service.manager, ctx.req, ctx.res, failed, () => ctx.secure, ctx)
    const { exchange } = held
    ctx.session = exchange.session
    ctx.flash = exchange.flash
    ctx.state.Flash = exchange.flash
    await exchange.open()
    await next()
    await held.commit()
  }

  return Object.assign(session, service)
}
