/**
 * What every adapter has besides its middleware.
 * @module
 */
import { OptionError, show } from '../errors.js'
import { warn } from '../builtin.js'
import type { Manager } from '../manager.js'
import { createManager } from '../manager.js'
import type { SessionOptions } from '../options.js'
import type { NodeResponse } from './node.js'

/** The sessions beyond one request. */
export interface Service {
  /** Counts, destroys and collects sessions, and reads those of requests that have no response. */
  readonly manager: Manager
  /** Resolves when the store is open; rejects when it can't be reached. A request tries again. */
  readonly ready: () => Promise<void>
  /** Stops the GC timer and closes the store. */
  readonly close: () => Promise<void>
}

/**
 * Checks the options and opens the store at once. One that can't be reached is reported, unless somebody awaits
 * `ready`, and tried again by the requests that need it.
 * @throws {OptionError} `SESS_OPTION` on a wrong option
 * @throws {SessionError} `SESS_PROVIDER_UNKNOWN` when nothing registered the provider
 */
export function startService(options: SessionOptions | undefined, report: (error: Error) => void = warn): Service {
  const manager = createManager(options)
  let isAwaited = false
  manager.ready().catch((error: Error) => isAwaited || report(error)) // a wrong config throws here, at start
  return {
    manager,
    ready: () => {
      isAwaited = true
      return manager.ready()
    },
    close: () => manager.close(),
  }
}

const OTHERS = 'Koa, Fastify and Hono have theirs in @sess/core/koa, /fastify and /hono'

/**
 * Whoever passes `sessioner` on instead of what it gives has the framework call it, with more than options.
 * @throws {OptionError} `SESS_OPTION` on more than one argument
 */
export function checkCalled({ length }: IArguments): void {
  if (length <= 1) return
  const expected = `one argument, as in app.use(sessioner(options)): the middleware is what it gives; ${OTHERS}`
  throw new OptionError('options', expected, `${length}`)
}

/** @throws {OptionError} `SESS_OPTION` on Hono's context, which comes where `sessioner` was not called */
export function checkNoContext(options: unknown): void {
  if (typeof options !== 'object' || options === null || !('req' in options)) return
  throw new OptionError('options', 'options, as in app.use(sessioner(options))', "Hono's context")
}

/**
 * The `next` of a framework whose middlewares take a context before it, and the options of Fastify's plugins.
 * @throws {OptionError} `SESS_OPTION` on what is no response of node:http
 */
export function checkResponse(res: unknown): void {
  if (typeof (res as NodeResponse | undefined)?.setHeader === 'function') return
  throw new OptionError('res', `the response of node:http; ${OTHERS}`, show(res))
}

/**
 * The session of another middleware, such as express-session: it looks for its own when the response ends, and where it
 * finds ours the response hangs. Any copy of ours may have come before.
 * @throws {OptionError} `SESS_OPTION` on a session that is not ours
 */
export function checkFree(session: unknown): void {
  if (typeof session !== 'object' || session === null || 'release' in session) return
  throw new OptionError('session', "no req.session of another middleware before sessioner's", show(session))
}

/**
 * What the middleware of Koa or of Hono is called with elsewhere.
 * @param isTheirs whether it is the framework's own context
 * @throws {OptionError} `SESS_OPTION` on what is none
 */
export function checkContext(framework: string, isTheirs: boolean, context: unknown): void {
  if (isTheirs) return
  const expected = `${framework}'s context: other frameworks have theirs in @sess/core, /express, /koa, /fastify and /hono`
  throw new OptionError('context', expected, show(context))
}
