// An application server, as one of several: sessions on memcached, on bare node:http. Uses the built packages.
import { createServer } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { sessioner } from '@sess/core'
import '@sess/provider-memcache'

const { unguarded, ...options } = JSON.parse(process.argv[2])
const faults = []
process.on('unhandledRejection', (reason) => faults.push(`unhandled: ${String(reason)}`))
process.on('warning', (warning) => faults.push(`warning: ${warning.message}`))

for (const method of ['log', 'warn', 'error']) console[method] = (...args) => faults.push(`console: ${args.join(' ')}`)
if (unguarded) saveWhateverIsThere()
const sessions = sessioner({ provider: 'memcache', ...options })
const moment = (max = 3) => new Promise((done) => setTimeout(done, Math.random() * max))

const pages = {
  '/begin': ({ session }, { user }) => void session.set('user', user),
  '/read': ({ session }) => session.get('user') ?? 'nobody',
  '/all': ({ session }) => JSON.stringify(Object.fromEntries(session.entries())),
  async '/set'({ session }, { key }) {
    await moment()
    if (session.isNew) return 'nobody'
    session.set(key, key)
    await moment()
  },
  '/add': ({ session }) => session.update('n', (n = 0) => n + 1),
  '/untouched': () => 'nothing to do with sessions',
  '/unchanged': ({ session }) => session.set('user', session.get('user')),
  '/login': ({ session }) => session.regenerate(),
  '/logout': ({ session }) => session.destroy(),
  '/faults': () => JSON.stringify(faults),
}

const server = createServer((req, res) => {
  sessions(req, res, () => void answer(req, res))
})

async function answer(req, res) {
  const url = new URL(req.url, 'http://localhost')
  try {
    const body = await pages[url.pathname](req, Object.fromEntries(url.searchParams))
    res.end(String(body ?? 'done'))
  } catch (error) {
    res.statusCode = error.status ?? 500
    res.end(String(error))
  }
}

/** The guard is out: what is stored on condition of a CAS, is sent without one. */
function saveWhateverIsThere() {
  Socket.prototype.write = function (data, ...rest) {
    const isReplace = Buffer.isBuffer(data) && data[0] === 0x80 && data[1] === 0x03
    return Duplex.prototype.write.call(this, isReplace ? data.fill(0, 16, 24) : data, ...rest)
  }
}

process.on('disconnect', () => process.exit())
await sessions.ready()
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
