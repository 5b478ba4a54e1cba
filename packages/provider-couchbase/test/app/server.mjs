// An application server, as one of several: sessions on Couchbase, on bare node:http. Uses the built packages.
import { createServer } from 'node:http'
import { sessioner } from '@sess/core'
import '@sess/provider-couchbase'
import { Collection } from 'couchbase'

const { unguarded, ...options } = JSON.parse(process.argv[2])
const faults = []
process.on('unhandledRejection', (reason) => faults.push(`unhandled: ${String(reason)}`))
process.on('warning', (warning) => faults.push(`warning: ${warning.message}`))

for (const method of ['log', 'warn', 'error']) console[method] = (...args) => faults.push(`console: ${args.join(' ')}`)
if (unguarded) saveWhateverIsThere()
const sessions = sessioner({ provider: 'couchbase', ...options })
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

/** The guard is out: what is replaced on condition of a CAS, is replaced without one. */
function saveWhateverIsThere() {
  const replace = Reflect.get(Collection.prototype, 'replace')
  Collection.prototype.replace = function (key, value, options) {
    return Reflect.apply(replace, this, [key, value, { ...options, cas: undefined }])
  }
}

process.on('disconnect', () => process.exit())
await sessions.ready()
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
