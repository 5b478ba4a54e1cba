// One subject in a process of its own: node server.mjs <subject>. Tells its port, and what it used when asked.
import http from 'node:http'

process.on('warning', () => undefined) // express-session warns of its memory store
const subject = await import(`./subjects/${process.argv[2]}.mjs`)
// Connections stay open while other subjects are measured.
const server = http.createServer({ keepAliveTimeout: 0 }, await subject.listener())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit())
