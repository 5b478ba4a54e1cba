// What speed is worth: whether parallel requests lose each other's changes, whether an ended session comes back, and
// what sessions weigh.
import { PARALLEL } from './scenarios.mjs'

/** One visitor's requests; the cookie is kept as a browser would. */
class Visitor {
  #base
  cookie = ''

  constructor(base) {
    this.#base = base
  }

  async get(path) {
    const response = await fetch(this.#base + path, { headers: this.cookie ? { cookie: this.cookie } : {} })
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
    if (set.length > 0 && !path.startsWith('/slow')) this.cookie = set.join('; ')
    return response.text()
  }
}

/** How many of 50 keys are missing that 50 parallel requests set, each another one. */
export async function lostUpdates(base) {
  const visitor = new Visitor(base)
  await visitor.get('/seed')
  await Promise.all(Array.from({ length: PARALLEL }, (_, n) => visitor.get(`/slow/key${n}`)))
  return PARALLEL - Number(await visitor.get('/held'))
}

/** In how many of 20 rounds a session was there again after its end, because a slow request still wrote to it. */
export async function timesBack(base) {
  let back = 0
  for (let round = 0; round < 20; round++) {
    const visitor = new Visitor(base)
    await visitor.get('/seed')
    const { cookie } = visitor
    const slow = visitor.get('/slow/key0')
    await new Promise((done) => setTimeout(done, 3))
    await visitor.get('/log-out')
    await slow
    visitor.cookie = cookie
    if ((await visitor.get('/anonymous')) === 'somebody') back++
  }
  return back
}

const SESSIONS = 100_000

/** Megabytes that 100,000 sessions add to the server's memory. */
export async function memoryOf(server) {
  await server.load('/read', { total: 10_000 })
  const before = await server.usage()
  await server.load('/create', { total: SESSIONS })
  const after = await server.usage()
  return Math.round((after.rss - before.rss) / 1e6)
}
