// An application server, as one of several: sessions on redis, on bare node:http. Uses the built packages.
import { createServer } from 'node:http'
import { sessioner } from '@sess/core'
import { redis } from '@sess/provider-redis'
import { Redis } from 'ioredis'

const { unguarded, ...options } = JSON.parse(process.argv[2])
const faults = []
process.on('unhandledRejection', (reason) => faults.push(`unhandled: ${String(reason)}`))
process.on('warning', (warning) => faults.push(`warning: ${warning.message}`))

const sessions = sessioner({
  provider: 'redis',
  ...options,
  ...(unguarded && { provider: redis({ client: saveWhateverIsThere(new Redis(unguarded)) }) }),
})
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

/** A client for which comparing and setting is only setting: the guard is out. */
function saveWhateverIsThere(client) {
  const call = client.call.bind(client)
  client.call = (command, ...args) => {
    if (!command.startsWith('EVAL')) return call(command, ...args)
    const [, , key, , , text, ttl] = args
    return call('SET', key, text, 'PX', ttl).then(() => 1)
  }
  return client
}

process.on('disconnect', () => process.exit())
await sessions.ready()
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
