import { createServer } from 'node:net'

/**
 * Below what systems give to outgoing connections (from 32768 on): while a server is down, a client that tries to reach
 * it could otherwise be given its very port, and talk to itself.
 */
const first = 10_000
const count = 10_000

/** @type {Set<number>} */
const given = new Set()

/**
 * A port on which nothing listens, another one each time.
 * @param {{ also?: number }} [options] `also`: the port this much higher must be free too
 */
export async function freePort({ also = 0 } = {}) {
  for (;;) {
    const port = first + Math.floor(Math.random() * count)
    if (given.has(port) || !(await isFree(port)) || !(await isFree(port + also))) continue
    given.add(port)
    return port
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
