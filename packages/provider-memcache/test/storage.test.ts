import { spawn } from 'node:child_process'
import type { AddressInfo, Server } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Storage } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { expiryOf } from '../src/protocol.js'
import { until } from '../../../tools/testing/until.js'
import { counted, newId, sleep, storageOn, tell } from './support.js'

const server = await service('memcached', { own: true, args: ['-m', '8', '-I', '512k'] })
const locked = await service('memcached', { own: true })
const RECORD = '{\n"n":1\n}'
const DAY = 24 * 3600

describe.skipIf(!server.available)('the storage of memcache', () => {
  const port = server.available ? server.servers[0]!.port : 0
  let storage: Storage
  beforeAll(async () => {
    storage = await storageOn({ servers: server.addresses })
  })
  afterAll(() => storage.close!())

  const saved = async (data = RECORD, ttl = 60): Promise<{ id: string; version: string }> => {
    const id = newId()
    return { id, version: (await storage.save(id, data, ttl, undefined, newId())) as string }
  }

  it('keeps an item that a person reads: the name of the write, then the record', async () => {
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'name-of-it')
    const [head, ...lines] = (await tell(port, `get session:${id}`)).split(/\r?\n/)
    expect(head).toBe(`VALUE session:${id} 0 ${'name-of-it'.length + 1 + RECORD.length}`)
    expect(lines.slice(0, 4)).toEqual(['name-of-it', '{', '"n":1', '}'])
  })

  it('asks one command each', async () => {
    const { id, version } = await saved()
    expect(await counted(port, async () => storage.save(newId(), RECORD, 60, undefined, 'a'))).toEqual({ cmd_set: 1 })
    expect(await counted(port, async () => storage.load(id))).toEqual({ cmd_get: 1 })
    expect(await counted(port, async () => storage.load(id, 60))).toEqual({ cmd_touch: 1 }) // that is GAT
    expect(await counted(port, async () => storage.touch(id, 60))).toEqual({ cmd_touch: 1 })
    expect(await counted(port, async () => storage.save(id, RECORD, 60, version, 'b'))).toEqual({ cmd_set: 1 })
    expect(await counted(port, async () => storage.exists(id))).toEqual({ cmd_get: 1 })
    expect(await counted(port, async () => storage.remove(id))).toEqual({ delete_hits: 1 })
  })

  it('takes lifetimes of more than 30 days, which memcached takes for dates', async () => {
    for (const ttl of [30 * DAY, 30 * DAY + 1, 400 * DAY, 100_000 * DAY]) {
      const { id } = await saved(RECORD, ttl)
      await storage.touch(id, ttl)
      expect(await storage.load(id, ttl)).toBeDefined()
      const end = 2 ** 31 - 1 - Date.now() / 1000
      expect(Math.abs((await timeLeft(id)) - Math.min(ttl, end))).toBeLessThan(4)
    }
  })

  it('ends a session a little early, never late, also beyond 30 days, where it is told a date', async () => {
    for (let n = 0; n < 20; n++) {
      const { id } = await saved(RECORD, 31 * DAY)
      expect(await timeLeft(id)).toBeLessThanOrEqual(31 * DAY)
      expect(await timeLeft(id)).toBeGreaterThan(31 * DAY - 5)
      await sleep(110) // so that it falls into each part of a second
    }
  })
  /** `mg key t` answers `HD t123`. */
  const timeLeft = async (id: string): Promise<number> =>
    Number(/ t(-?\d+)/.exec(await tell(port, `mg session:${id} t`, /\n/))?.[1])

  it('never takes a lifetime for "for ever"', () => {
    expect([expiryOf(0), expiryOf(0.2), expiryOf(1.2)]).toEqual([1, 1, 2])
    expect(expiryOf(30 * DAY)).toBe(30 * DAY)
  })

  it('refuses what is over the item limit, and keeps the old value', async () => {
    const { id, version } = await saved()
    const big = `{\n"big":"${'x'.repeat(600_000)}"\n}`
    const error = { code: 'SESS_TOO_LARGE', provider: 'memcache' }
    await expect(storage.save(id, big, 60, version, 'v2')).rejects.toMatchObject(error)
    await expect(storage.save(newId(), big, 60, undefined, 'v3')).rejects.toMatchObject(error)
    expect(await storage.load(id)).toEqual({ data: RECORD, version })
    expect(await storage.save(id, '{\n"n":2\n}', 60, version, 'v4')).not.toBe(false)
  })

  it('takes an evicted session for one that is gone, whole', async () => {
    const { id, version } = await saved(`{\n"filler":"${'x'.repeat(100_000)}"\n}`)
    for (let i = 0; i < 150; i++) await saved(`{\n"filler":"${'y'.repeat(100_000)}"\n}`)
    expect(await storage.load(id)).toBeUndefined()
    expect(await storage.touch(id, 60)).toBe(false)
    expect(await storage.save(id, RECORD, 60, version, 'v2')).toBe(false)
    expect(await storage.rename(id, newId(), 60)).toBe(false)
    expect(await storage.exists(id)).toBe(false)
  })

  it('says so where an item holds something else', async () => {
    await tell(port, 'set session:foreign 0 60 9\r\nsomething')
    await expect(storage.load('foreign')).rejects.toMatchObject({ code: 'SESS_CORRUPT', provider: 'memcache' })
  })

  it('takes keys of 250 bytes', async () => {
    const long = await storageOn({ servers: server.addresses, prefix: 'x'.repeat(180) })
    const id = 'y'.repeat(64)
    expect(await long.save(id, RECORD, 60, undefined, 'v1')).toMatch(/^[\da-f]{16}$/)
    expect(await long.exists(id)).toBe(true)
    await long.close!()
  })

  it('takes no answer for missing that came while this process was busy', async () => {
    const reports: Error[] = []
    const own = await storageOn({ servers: server.addresses, timeout: 0.2 }, reports)
    const { id, version } = await saved()
    const loading = own.load(id)
    await new Promise(setImmediate) // it is sent
    const end = performance.now() + 400
    while (performance.now() < end);
    expect(await loading).toEqual({ data: RECORD, version })
    expect(reports).toEqual([])
    await own.close!()
  })

  describe('through a wire that breaks', () => {
    let wire: Wire
    let own: Storage
    beforeAll(async () => {
      wire = await Wire.to(port)
      own = await storageOn({ servers: [`127.0.0.1:${wire.port}`], timeout: 0.5 })
    })
    afterAll(async () => {
      await own.close!()
      wire.close()
    })

    it('reads again what it may read twice', async () => {
      const { id, version } = await saved()
      for (let i = 0; i < 10; i++) {
        wire.loseNextAnswer()
        expect(await own.load(id)).toEqual({ data: RECORD, version })
      }
      wire.loseNextAnswer()
      expect(await own.touch(id, 60)).toBe(true)
    })

    it('recognises a save whose answer was lost, and makes it once', async () => {
      const { id, version } = await saved()
      wire.loseNextAnswer()
      const made = await own.save(id, '{\n"n":2\n}', 60, version, 'mine')
      expect(await storage.load(id)).toEqual({ data: '{\n"n":2\n}', version: made })
      wire.loseNextAnswer()
      const created = newId()
      expect(await own.save(created, RECORD, 60, undefined, 'new')).toBe((await storage.load(created))!.version)
    })

    it('says that it does not know where a save was lost on its way', async () => {
      const { id, version } = await saved()
      wire.loseNextRequest()
      await expect(own.save(id, RECORD, 60, version, 'lost')).rejects.toThrow('nobody knows whether')
      expect(await storage.load(id)).toEqual({ data: RECORD, version })
    })

    it('leaves no session under two ids where a rename breaks', async () => {
      for (const step of [0, 1, 2]) {
        const { id } = await saved()
        const to = newId()
        wire.loseNextAnswer(step)
        const moved = await Promise.resolve(own.rename(id, to, 60)).catch(() => 'error')
        const there = [await storage.exists(id), await storage.exists(to)]
        expect([moved, ...there]).toEqual(step === 2 ? ['error', false, false] : [true, false, true])
      }
    })

    it('gives up on a server that is silent, within the timeout, and finds it again', async () => {
      const { id } = await saved()
      wire.hold()
      const start = performance.now()
      await Promise.all(
        Array.from({ length: 20 }, () => expect(own.load(id)).rejects.toThrow('no answer within 0.5 s')),
      )
      expect(performance.now() - start).toBeLessThan(900)
      await expect(own.load(id)).rejects.toMatchObject({ code: 'SESS_STORE' })
      wire.release()
      await until(() => Promise.resolve(own.exists(id)).catch(() => false))
    })
  })

  it('asks for user and password only where they are given, and tells of wrong ones without showing them', async () => {
    const sasl = await Wire.to(locked.servers[0]!.port, 'me:hunter2')
    const servers = [`127.0.0.1:${sasl.port}`]
    const right = await storageOn({ servers, username: 'me', password: 'hunter2' })
    expect(await right.save(newId(), RECORD, 60, undefined, 'v1')).not.toBe(false)
    await right.close!()
    const wrong = await storageOn({ servers, username: 'me', password: 'hunter3' }).catch((error: unknown) => error)
    expect(String(wrong)).toMatch(/authentication failed/)
    expect(String(wrong)).not.toContain('hunter3')
    await expect(storageOn({ servers })).rejects.toThrow('authentication failed')
    sasl.close()
  })
})

describe.skipIf(!locked.available)('one of two servers down', () => {
  it('is an error for its sessions, and the others go on', async () => {
    const reports: Error[] = []
    const servers = [...server.addresses, ...locked.addresses]
    const storage = await storageOn({ servers, timeout: 0.5 }, reports)
    const ids = Array.from({ length: 40 }, newId)
    for (const id of ids) await storage.save(id, RECORD, 60, undefined, newId())
    await locked.kill()
    await sleep(50)
    const outcomes = await Promise.allSettled(ids.map(async (id) => storage.load(id)))
    const living = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(living.every(({ value }) => value?.data === RECORD)).toBe(true)
    expect(living.length).toBeGreaterThan(5)
    expect(living.length).toBeLessThan(35)
    expect(reports.map(String)).toEqual([expect.stringContaining(`${locked.addresses[0]} can't be reached`)])
    await locked.restart()
    const all = (): Promise<boolean> =>
      Promise.all(ids.map(async (id) => storage.exists(id))).then(
        () => true,
        () => false,
      )
    await until(all)
    const second = await storageOn({ servers, timeout: 0.5 })
    await second.close!()
    await storage.close!()
  })

  it('is old news after a while: who comes then waits for it, all who come at once', async () => {
    const storage = await storageOn({ servers: locked.addresses })
    await locked.kill()
    await expect(storage.load('a')).rejects.toThrow('ECONNREFUSED')
    await locked.restart()
    await sleep(1200)
    await Promise.all(Array.from({ length: 10 }, async () => storage.load('a')))
    await storage.close!()
  })

  it('does not keep an application from starting', async () => {
    await locked.kill()
    const reports: Error[] = []
    const storage = await storageOn({ servers: [...server.addresses, ...locked.addresses] }, reports)
    expect(reports.length).toBeLessThan(2)
    await storage.close!()
    await expect(storageOn({ servers: locked.addresses })).rejects.toThrow('ECONNREFUSED')
    await locked.restart()
  })
})

describe.skipIf(process.platform !== 'linux')('a server that does not take connections', () => {
  /** Its queue is full: what connects has no answer at all, as from a machine that is off. */
  async function deaf(): Promise<number> {
    const code =
      "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))"
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    const port = Number(await new Promise((done) => child.stdout.once('data', done)))
    onTestFinished(() => void child.kill('SIGKILL'))
    child.kill('SIGSTOP')
    const callers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'))
    await sleep(50)
    for (const caller of callers) caller.destroy()
    return port
  }

  it('is an error within the timeout, and no attempt to reach it stays behind, which would keep the process', async () => {
    const port = await deaf()
    for (let i = 0; i < 3; i++) {
      await expect(storageOn({ servers: [`127.0.0.1:${port}`], timeout: 0.1 })).rejects.toThrow('timed out connecting')
    }
    const connecting = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind === 'ConnectWrap')
    await expect.poll(connecting).toEqual([])
  })
})

/** Stands between client and server, and breaks what it is told to. With `login`, it asks for SASL PLAIN. */
class Wire {
  readonly #server: Server
  #lose: 'request' | 'answer' | undefined
  #skip = 0
  #held = false

  private constructor(target: number, login?: string) {
    this.#server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1')
      for (const socket of [client, upstream]) socket.on('error', () => undefined)
      client.on('close', () => upstream.destroy())
      upstream.on('close', () => client.destroy())
      let known = login === undefined
      client.on('data', (chunk) => {
        if (!known) known = this.#login(chunk, login!, (answer) => client.write(answer))
        else if (this.#lose === 'request') this.#break(() => client.destroy())
        else if (!this.#held) upstream.write(chunk)
      })
      upstream.on('data', (chunk) => {
        if (this.#lose === 'answer' && this.#skip-- === 0) this.#break(() => client.destroy())
        else if (!this.#held) client.write(chunk)
      })
    })
  }

  static async to(target: number, login?: string): Promise<Wire> {
    const wire = new Wire(target, login)
    await new Promise<void>((done) => wire.#server.listen(0, '127.0.0.1', done))
    return wire
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  loseNextRequest(): void {
    this.#lose = 'request'
  }
  /** @param skip after how many others */
  loseNextAnswer(skip = 0): void {
    ;[this.#lose, this.#skip] = ['answer', skip]
  }
  hold(): void {
    this.#held = true
  }
  release(): void {
    this.#held = false
  }
  close(): void {
    this.#server.close()
  }

  #break(cut: () => void): void {
    this.#lose = undefined
    cut()
  }

  #login(request: Buffer, login: string, answer: (reply: Buffer) => void): boolean {
    const [user, password] = login.split(':')
    const isRight = request.subarray(24).toString() === `PLAIN\0${user}\0${password}`
    const reply = Buffer.alloc(24)
    reply[0] = 0x81
    reply[1] = request[1]!
    if (request[1] !== 0x20 && !isRight) reply.writeUInt16BE(0x20, 6)
    request.copy(reply, 12, 12, 16)
    answer(reply)
    return isRight
  }
}
