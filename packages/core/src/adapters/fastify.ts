/**
 * Sessions for Fastify 5, over HTTP/1 and HTTP/2.
 * @module
 */
import '../on-node.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OptionError, show } from '../errors.js'
import type { Flash } from '../flash.js'
import type { Manager } from '../manager.js'
import type { SessionOptions } from '../options.js'
import type { Session } from '../session.js'
import { answerError } from './node-error.js'
import { NodeExchange } from './node-exchange.js'
import { startService } from './service.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The sessions beyond one request; set by `sessioner`. */
    sessions: Manager
  }
  interface FastifyRequest {
    /** The visitor's session, from the hook `onRequest` on; set by `sessioner`. */
    session: Session
    /** The session's flash messages; set by `sessioner`. */
    flash: Flash
  }
}

const HELD = Symbol('@sess/core.held')
type WithExchange = FastifyRequest & { [HELD]?: NodeExchange }
type WithLocals = FastifyReply & { locals?: object | null }

/**
 * A plugin that gives `request.session` and `request.flash`, and to views `Flash`, to the instance that registers it and
 * those below it. Closing the application closes the store.
 *
 * What a handler changed is committed in the hook `onSend`, so that the error handler sees the error of a store that is
 * down; what a stream or a hijacked reply changes later, before the response ends.
 *
 * @example
 * ```ts
 * await app.register(sessioner, { provider: 'file' })
 * app.get('/', (request) => ({ user: request.session.get('user') }))
 * ```
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export async function sessioner(app: FastifyInstance, options: SessionOptions): Promise<void> {
  checkInstance(app)
  const { manager, close } = startService(options, (error) => app.log.warn(error))
  app.decorate('sessions', manager)
  app.decorateRequest('session', null as never) // set for each request below
  app.decorateRequest('flash', null as never)
  if (!app.hasReplyDecorator('locals')) app.decorateReply('locals', null)
  app.addHook('onClose', close)

  app.addHook('onRequest', async function openSession(request: WithExchange, reply: WithLocals): Promise<void> {
    const isSecure = (): boolean => request.protocol === 'https'
    const held = new NodeExchange(manager, request.raw, reply.raw, failed, isSecure, request)
    const { exchange } = held
    request[HELD] = held
    request.session = exchange.session
    request.flash = exchange.flash
    reply.locals = { ...reply.locals, Flash: exchange.flash }
    await exchange.open()

    /** Too late for Fastify's error handler. */
    function failed(error: Error): void {
      request.log.error(error)
      answerError(error, request.raw, reply.raw)
    }
  })

  app.addHook('onSend', async function commitSession(request: WithExchange): Promise<void> {
    await request[HELD]?.commit()
  })
}

/** Of all frameworks' it alone is not called by the application. */
function checkInstance(app: unknown): void {
  if (typeof (app as Partial<FastifyInstance> | undefined)?.decorate === 'function') return
  throw new OptionError('app', "Fastify's instance, as app.register(sessioner, options) gives it", show(app))
}

/** What fastify-plugin does: the hooks and decorators belong to the instance that registers the plugin. */
Object.assign(sessioner, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@sess/core',
  [Symbol.for('plugin-meta')]: { name: '@sess/core', fastify: '5.x' },
})
