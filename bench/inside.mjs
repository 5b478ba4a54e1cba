// The middleware without HTTP: requests and responses that do nothing.
import { sessioner } from '@sess/core'

/** As much of a response as the middleware touches. */
class Response {
  headers = new Map()
  headersSent = false

  constructor(done) {
    this.done = done
  }
  getHeader(name) {
    return this.headers.get(name)
  }
  hasHeader(name) {
    return this.headers.has(name)
  }
  setHeader(name, value) {
    this.headers.set(name, value)
  }
  writeHead() {
    return this
  }
  flushHeaders() {}
  on() {}
  write() {
    return true
  }
  end() {
    this.done(this)
    return this
  }
}

/**
 * Sessions, and what visits them: `visit(cookie, handler)` resolves with the cookie that the visitor has then.
 * @param {import('@sess/core').SessionOptions} [options]
 */
export async function inside(options) {
  const sessions = sessioner(options)
  await sessions.ready()
  const visit = (cookie, handler) =>
    new Promise((resolve, reject) => {
      const req = { url: '/', headers: { cookie }, socket: {} }
      const res = new Response(({ headers, statusCode }) => {
        if (statusCode !== undefined) reject(new Error(`answered with ${statusCode}`))
        else resolve([headers.get('Set-Cookie') ?? cookie].flat()[0]?.split(';')[0])
      })
      sessions(req, res, (/** @type {Error | undefined} */ error) => {
        if (error) return reject(error)
        handler(req.session)
        res.end()
      })
    })
  return { visit, close: () => sessions.close() }
}

/** Microseconds of CPU that each of `count` runs of `fn` takes, 32 at a time. */
export async function cpuOf(count, fn) {
  const before = process.cpuUsage()
  let next = 0
  const work = async () => {
    while (next < count) await fn(next++)
  }
  await Promise.all(Array.from({ length: 32 }, work))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}
