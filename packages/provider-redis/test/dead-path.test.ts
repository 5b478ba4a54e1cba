import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { until } from '../../../tools/testing/until.js'
import { newId, sleep, storageOn } from './support.js'

/** Enough of a Redis to connect to and to count on: answers each command, or is silent. */
class Sham {
  readonly sockets: Set<Socket> = new Set()
  isSilent = false
  readonly #server = createServer((socket) => {
    this.sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket))
    const silent = this.isSilent // for as long as the connection lives: its path is dead
    socket.on('data', (data) => {
      if (silent || this.isSilent) return
      for (const _ of data.toString().matchAll(/^\*\d+\r$/gm)) socket.write('$0\r\n\r\n')
    })
  })
  port = 0

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(this.port, '127.0.0.1', done))
    this.port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((done) => this.#server.close(done))
  }
}

describe('a connection on which nothing comes any more', () => {
  const sham = new Sham()
  afterAll(() => sham.close())

  it('is replaced, also one that was made anew, without further commands', async () => {
    await sham.listen()
    const reports: Error[] = []
    const storage = await storageOn({ addr: `127.0.0.1:${sham.port}`, poolSize: 50 }, reports, 0.4)
    expect(await storage.exists(newId())).toBe(false)
    await sleep(900) // nothing is under way, so that nobody waits for anything
    await sham.close()
    await sleep(300)
    sham.isSilent = true
    await sham.listen()
    await until(() => sham.sockets.size > 0)
    await expect(storage.exists(newId())).rejects.toMatchObject({ code: 'SESS_STORE' })
    expect(sham.sockets.size).toBeLessThanOrEqual(2) // the others of the pool aren't tried
    sham.isSilent = false
    const start = performance.now()
    await until(() =>
      Promise.resolve(storage.exists(newId())).then(
        () => true,
        () => false,
      ),
    )
    expect(performance.now() - start).toBeLessThan(2500)
    expect(reports).toHaveLength(1)
    await storage.close!()
  })

  it('after close nothing is opened', async () => {
    const storage = await storageOn({ addr: `127.0.0.1:${sham.port}` })
    await storage.close!()
    await expect(storage.exists(newId())).rejects.toMatchObject({ code: 'SESS_CLOSED' })
    await until(() => sham.sockets.size === 0)
  })
})
