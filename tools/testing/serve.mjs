// An application server as one of several, on bare node:http; each driver's test/app.mjs adds its provider.
import { createServer } from 'node:http'
import { sessioner } from '@sess/core'

const moment = (max = 3) => new Promise((done) => setTimeout(done, Math.random() * max))

/** What should not be, from the start on. @type {string[]} */
const faults = []
process.on('unhandledRejection', (reason) => faults.push(`unhandled: ${String(reason)}`))
process.on('warning', (warning) => faults.push(`warning: ${warning.message}`))
for (const method of /** @type {const} */ (['log', 'info', 'warn', 'error'])) {
  console[method] = (...args) => void faults.push(`console: ${args.join(' ')}`)
}

/**
 * Serves until the parent goes.
 * @param {import('@sess/core').SessionOptions & { skew?: number }} options skew: milliseconds by which the clock is wrong
 */
export async function serve({ skew = 0, ...options }) {
  const sessions = sessioner({ ...options, clock: () => Date.now() + skew })

  /** @type {Record<string, (session: import('@sess/core').Session, query: Record<string, string>) => unknown>} */
  const pages = {
    '/begin': (session, { user }) => session.set('user', user),
    '/read': (session) => session.get('user') ?? 'nobody',
    '/all': (session) => JSON.stringify(Object.fromEntries(session.entries())),
    async '/set'(session, { key = '' }) {
      await moment()
      if (session.isNew) return 'nobody'
      session.set(key, key)
      await moment()
    },
    '/add': (session) => session.update('n', (n) => Number(n ?? 0) + 1),
    '/untouched': () => 'nothing to do with sessions',
    '/unchanged': (session) => session.set('user', session.get('user')),
    '/login': (session) => session.regenerate(),
    '/logout': (session) => session.destroy(),
    '/gc': () => sessions.manager.gc(),
    '/count': () => sessions.manager.count(),
    '/faults': () => JSON.stringify(faults),
  }

  const server = createServer((req, res) => {
    sessions(req, res, (error) => void answer(req, res, error))
  })

  /** @param {any} req @param {import('node:http').ServerResponse} res @param {unknown} failure */
  async function answer(req, res, failure) {
    const url = new URL(req.url, 'http://localhost')
    try {
      if (failure instanceof Error) throw failure
      const body = await pages[url.pathname]?.(req.session, Object.fromEntries(url.searchParams))
      res.end(typeof body === 'string' || typeof body === 'number' ? String(body) : 'done')
    } catch (error) {
      res.statusCode = /** @type {{ status?: number }} */ (error).status ?? 500
      res.end(String(error))
    }
  }

  process.on('disconnect', () => process.exit())
  await sessions.ready()
  server.listen(0, '127.0.0.1', () => {
    process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port)
  })
}
