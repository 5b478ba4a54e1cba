// The load, in a process of its own: node load.mjs <port> <path> <seconds>. Prints requests per second and failures.
import http from 'node:http'
import autocannon from 'autocannon'

const [port, path, seconds] = [process.argv[2], process.argv[3], Number(process.argv[4])]
const CONNECTIONS = 32
const url = `http://127.0.0.1:${port}`

/** A stored session, as a Cookie header. */
const seed = () =>
  new Promise((resolve, reject) => {
    const done = (res) => {
      res.resume()
      res.on('end', () => resolve(res.headers['set-cookie']?.map((cookie) => cookie.split(';')[0]).join('; ')))
    }
    http.get(`${url}/seed`, { agent: false }, done).on('error', reject)
  })

const cookies = []
if (path === '/read' || path === '/write') for (let n = 0; n < CONNECTIONS; n++) cookies.push(await seed())

const result = await autocannon({
  url: url + path,
  connections: CONNECTIONS,
  duration: seconds,
  setupClient: (client) => {
    const cookie = cookies.pop()
    if (cookie) client.setHeaders({ cookie })
  },
})
const { requests, errors, non2xx, duration } = result
process.send({ total: requests.total, perSecond: requests.total / duration, failed: errors + non2xx })
process.disconnect()
