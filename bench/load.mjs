// The load on one server, in a process of its own: node load.mjs <port> <connections>. Asks what its parent tells it to, and
// tells how many requests were answered, how fast, and how many of them with an error. It does next to nothing for each: a
// general HTTP client takes more of the machine than most servers it would measure.
import http from 'node:http'
import net from 'node:net'
import { needsSession } from './scenarios.mjs'

const [port, size] = process.argv.slice(2).map(Number)

/** One connection, which asks for one path again and again. */
class Visitor {
  /** Of a stored session, as a Cookie header; made when it is first needed. */
  #cookie
  #socket
  #text = ''
  #answered = () => undefined

  /** @param job `{ path, isOver }`; counts in its `total` and `failed`. Resolves after the last answer. */
  async visit(job) {
    const { path } = job
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${await this.#cookieFor(path)}\r\n`
    this.#socket ??= await this.#connect()
    return new Promise((resolve) => {
      this.#answered = (status) => {
        job.total++
        if (status !== '2') job.failed++
        if (job.total === job.most) job.isOver = true
        if (job.isOver) resolve()
        else this.#socket.write(request, 'latin1')
      }
      this.#socket.write(request, 'latin1')
    })
  }

  async #cookieFor(path) {
    if (path.endsWith('?cookie')) return `Cookie: MacaronSession=${'A'.repeat(32)}\r\n`
    if (!needsSession(path.slice(1))) return ''
    return `Cookie: ${(this.#cookie ??= await seed())}\r\n`
  }

  #connect() {
    return new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(socket)).setNoDelay()
      socket.setEncoding('latin1').on('data', (chunk) => this.#receive(chunk))
      socket.on('end', () => {
        throw new Error('the server hung up')
      })
    })
  }

  #receive(chunk) {
    const text = this.#text === '' ? chunk : this.#text + chunk
    const length = lengthOf(text)
    const isWhole = length !== undefined && text.length >= length
    this.#text = isWhole ? '' : text
    if (!isWhole) return
    if (text.length > length) throw new Error('more than one answer to a request')
    this.#answered(text[9])
  }
}

const seed = () =>
  new Promise((resolve, reject) => {
    const done = (res) => {
      res.resume()
      res.on('end', () => resolve(res.headers['set-cookie']?.map((cookie) => cookie.split(';')[0]).join('; ')))
    }
    http.get({ port, host: '127.0.0.1', path: '/seed', agent: false }, done).on('error', reject)
  })

/** How long the answer is, with its head; undefined while the head is incomplete. */
function lengthOf(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  if (!length) throw new Error(`expected a Content-Length in an answer, got ${text.slice(0, head)}`)
  return head + 4 + Number(length[1])
}

const visitors = Array.from({ length: size }, () => new Visitor())

/** @param most how many requests; 0: as many as there is time for. @param awake whether this process never sleeps */
async function run({ path, seconds, most, awake }) {
  const job = { path, most, total: 0, failed: 0, isOver: false }
  /** A server that answers one who sleeps has to wake it, which takes a slow one longer than a fast one. */
  function stayAwake() {
    if (!job.isOver) setImmediate(stayAwake)
  }
  if (awake) stayAwake()
  const start = performance.now()
  const timer = setTimeout(() => (job.isOver = true), most > 0 ? 600_000 : seconds * 1000)
  await Promise.all(visitors.map((visitor) => visitor.visit(job)))
  clearTimeout(timer)
  const { total, failed } = job
  return { total, failed, perSecond: total / ((performance.now() - start) / 1000) }
}

process.on('message', (job) => void run(job).then((result) => process.send(result)))
process.on('disconnect', () => process.exit())
