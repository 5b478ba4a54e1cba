import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ask } from './clients.mjs'
import { startService } from './index.mjs'
import { isAlive } from './process-tree.mjs'
import { service } from './vitest.mjs'

const own = { own: true }
const [redis, memcached, postgres, mariadb] = await Promise.all([
  service('redis', own),
  service('memcached', own),
  service('postgres', own),
  service('mariadb', own),
])

const cases = [
  {
    server: redis,
    ping: ['PING', '+PONG'],
    write: ['SET k v', 'APPEND k w'],
    read: ['STRLEN k', ':2'],
  },
  { server: memcached, ping: ['mn', 'MN'], write: [], read: ['get k', 'END'] },
  {
    server: postgres,
    ping: ['SELECT 1', '1'],
    write: ['CREATE TABLE t (x int)', 'INSERT INTO t VALUES (2)'],
    read: ['SELECT x FROM t', '2'],
  },
  {
    server: mariadb,
    ping: ['SELECT 1', '1'],
    write: ['CREATE TABLE t (x int)', 'INSERT INTO t VALUES (2)'],
    read: ['SELECT x FROM t', '2'],
  },
]

for (const { server, ping, write, read } of cases) {
  const [request = '', answer] = ping
  const [question = '', kept] = read

  describe.skipIf(!server.available)(`${server.name}`, () => {
    const port = () => server.servers[0]?.port ?? 0
    /** @param {string} text @param {number} [seconds] to wait */
    const tell = (text, seconds = 5) => ask[server.name]?.({ port: port(), folder: server.folder }, text, seconds)

    it('answers a client', async () => {
      expect(await tell(request)).toBe(answer)
    })

    it('names itself in a URL and in its variable', () => {
      expect(server.addresses).toEqual([`127.0.0.1:${port()}`])
      expect(server.env).toEqual({ [server.variable]: server.url })
    })

    it('does not answer while it is paused', async () => {
      await server.pause()
      await expect(tell(request, 0.3)).rejects.toThrow()
      await server.resume()
      expect(await tell(request)).toBe(answer)
    })

    it('keeps port and data when it restarts, even after it was killed', async () => {
      const before = { port: port(), pids: server.pids }
      for (const text of write) await tell(text)
      await server.restart()
      expect(await tell(question)).toBe(kept)
      await server.kill()
      expect(server.pids).toEqual([])
      await expect(tell(request)).rejects.toThrow()
      await server.restart()
      expect(await tell(question)).toBe(kept)
      expect(port()).toBe(before.port)
      expect(before.pids.some(isAlive)).toBe(false)
    })

    it('runs as often as asked, and leaves nothing when it is stopped, even paused', async () => {
      const second = await startService(/** @type {import('./types.js').ServiceName} */ (server.name), own)
      const { pids, folder } = second
      expect(second.url).not.toBe(server.url)
      expect(pids).not.toEqual([])
      await second.pause()
      await second.stop()
      await second.stop()
      expect(pids.some(isAlive)).toBe(false)
      expect(existsSync(folder)).toBe(false)
      expect(await tell(request)).toBe(answer)
    })
  })
}
