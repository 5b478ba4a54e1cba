// The load, in a process of its own: node load.mjs <port> <path> <seconds> <connections> <total> <awake>; total 0: as many
// as there is time for; awake 1: never sleeps. Tells its parent how many requests were answered, how fast, and how many of
// them with an error. It does next to nothing for each: a general HTTP client takes more of the machine than most servers
// it would measure.
import http from 'node:http'
import net from 'node:net'
import { needsSession } from './scenarios.mjs'

const path = process.argv[3]
const [port, , seconds, connections, most, awake] = process.argv.slice(2).map(Number)

/** A stored session, as a Cookie header. */
const seed = () =>
  new Promise((resolve, reject) => {
    const done = (res) => {
      res.resume()
      res.on('end', () => resolve(res.headers['set-cookie']?.map((cookie) => cookie.split(';')[0]).join('; ')))
    }
    http.get({ port, host: '127.0.0.1', path: '/seed', agent: false }, done).on('error', reject)
  })

let total = 0
let failed = 0
let isOver = false

/** Asks again and again on one connection, until time is up. Resolves after the last answer. */
function visit(cookie) {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${cookie ? `Cookie: ${cookie}\r\n` : ''}\r\n`
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request, 'latin1')).setNoDelay()
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text = text === '' ? chunk : text + chunk
      const length = lengthOf(text)
      if (length === undefined || text.length < length) return
      if (text.length > length) throw new Error(`more than one answer to a request for ${path}`)
      total++
      if (text[9] !== '2') failed++
      text = ''
      if (most > 0 && total >= most) isOver = true
      if (!isOver) return void socket.write(request, 'latin1')
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
    socket.on('end', () => reject(new Error(`the server hung up on ${path}`)))
  })
}

/** How long the answer is, with its head; undefined while the head is incomplete. */
function lengthOf(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  if (!length) throw new Error(`expected a Content-Length in the answer to ${path}, got ${text.slice(0, head)}`)
  return head + 4 + Number(length[1])
}

const cookies = Array.from({ length: connections }, () => undefined)
if (needsSession(path.slice(1))) for (const n of cookies.keys()) cookies[n] = await seed()

/** A server that answers one who sleeps has to wake it, which takes a slow one longer than a fast one. */
function stayAwake() {
  if (!isOver) setImmediate(stayAwake)
}

const start = performance.now()
if (awake) stayAwake()
const timer = setTimeout(() => (isOver = true), most > 0 ? 600_000 : seconds * 1000)
await Promise.all(cookies.map(visit))
clearTimeout(timer)
process.send({ total, perSecond: total / ((performance.now() - start) / 1000), failed })
process.disconnect()
