// What the middleware itself takes, without HTTP: requests and responses that do nothing, sessions in memory.
// node in-process.mjs [requests]. Prints microseconds of CPU per request, the best of six rounds.
import { sessioner } from '@sess/core'
import { act, needsSession, scenarios } from './scenarios.mjs'

const REQUESTS = Number(process.argv[2] ?? 32_000)
const VISITORS = 32

/** As much of a response as the middleware touches. */
class Response {
  headers = new Map()
  headersSent = false

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
  write() {
    return true
  }
  end() {
    this.done(this)
    return this
  }
}

const sessions = sessioner()
await sessions.ready()

const ask = (scenario, cookie) =>
  new Promise((done) => {
    const req = { url: `/${scenario}`, headers: { cookie }, socket: {} }
    const res = Object.assign(new Response(), { done })
    sessions(req, res, () => res.end(act(req.url, req.session)))
  })

const cookies = []
for (let n = 0; n < VISITORS; n++) {
  const { headers } = await ask('seed')
  cookies.push([headers.get('Set-Cookie')].flat()[0].split(';')[0])
}

for (const scenario of scenarios) {
  const rounds = []
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage()
    for (let n = 0; n < REQUESTS / VISITORS; n++) {
      await Promise.all(cookies.map((cookie) => ask(scenario, needsSession(scenario) ? cookie : undefined)))
    }
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / REQUESTS)
  }
  console.log(`${scenario.padEnd(10)} ${Math.min(...rounds).toFixed(1)} µs`)
}
await sessions.close()
