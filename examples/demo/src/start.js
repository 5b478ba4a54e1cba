import { once } from 'node:events'
import { createServer } from 'node:http'
import { sessioner } from '@sess/core'
import { createApp } from './app.js'
import { loadProvider } from './provider.js'
import { UsageError } from './settings.js'

/** Seconds that requests in flight have to finish when the server stops. */
const GRACE = 5

/**
 * A running demo.
 * @typedef {{ readonly url: string, readonly sessions: import('@sess/core').Sessioner, stop(): Promise<void> }} Demo
 */

/**
 * @param {Pick<import('./settings.js').Settings, 'port' | 'provider' | 'providerConfig'>} settings
 * @returns {Promise<Demo>}
 * @throws {UsageError} when the provider is not installed or the port is taken
 */
export async function start({ port, provider, providerConfig }) {
  await loadProvider(provider)
  const sessions = sessioner({ provider, ...(providerConfig === undefined ? {} : { providerConfig }) })
  try {
    await sessions.ready()
    const server = createServer(createApp({ sessions }))
    const url = await listen(server, port)
    return { url, sessions, stop: () => stop(server, sessions) }
  } catch (error) {
    await sessions.close()
    throw error
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 */
async function listen(server, port) {
  try {
    await once(server.listen(port), 'listening')
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === 'EADDRINUSE') throw new UsageError(`Port ${port} is taken. Choose another: --port 3001, or 0 for any.`)
    if (code === 'EACCES') throw new UsageError(`Port ${port} is not allowed here. Choose another: --port 3001.`)
    throw error
  }
  return `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
}

/**
 * Requests in flight finish, then the store is closed.
 * @param {import('node:http').Server} server
 * @param {import('@sess/core').Sessioner} sessions
 */
async function stop(server, sessions) {
  // A connection that was busy when we began stays open for the next request, which will not come.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  const hurry = setTimeout(() => server.closeAllConnections(), GRACE * 1000)
  await new Promise((resolve) => server.close(resolve))
  clearInterval(sweep)
  clearTimeout(hurry)
  await sessions.close()
}
