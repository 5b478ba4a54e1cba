import type { Storage } from '@sess/core'
import { connect } from 'couchbase'
import type { Cluster, Collection } from 'couchbase'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { newId, optionsOf, sleep, storageOn } from './support.js'

const server = await service('couchbase', { own: true })
const RECORD = '{\n"n":1\n}'
const DAY = 24 * 3600

describe.skipIf(!server.available)('the storage of couchbase', () => {
  const options = optionsOf(server.url)
  let storage: Storage
  let cluster: Cluster
  let collection: Collection
  beforeAll(async () => {
    storage = await storageOn({ ...options, timeout: 1 })
    const { username, password } = options
    cluster = await connect(`couchbase://${server.addresses[0]}`, { username, password })
    collection = cluster.bucket(options.bucket).defaultCollection()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await server.heal()
  })
  afterAll(async () => {
    await storage.close!()
    await cluster.close()
  })

  const saved = async (data = RECORD, ttl = 60): Promise<{ id: string; version: string }> => {
    const id = newId()
    return { id, version: (await storage.save(id, data, ttl, undefined, newId())) as string }
  }
  const commands = async (fn: () => Promise<unknown>): Promise<string[]> => {
    await server.commands()
    await fn()
    return server.commands()
  }

  it('keeps a JSON document: the name of the write, and the record', async () => {
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'name-of-it')
    const { content } = await collection.get(`session:${id}`)
    expect(content).toEqual({ name: 'name-of-it', session: { n: 1 } })
  })

  it('asks one command each', async () => {
    const { id, version } = await saved()
    expect(await commands(async () => storage.save(newId(), RECORD, 60, undefined, 'a'))).toEqual(['insert'])
    expect(await commands(async () => storage.load(id))).toEqual(['get'])
    expect(await commands(async () => storage.load(id, 60))).toEqual(['getAndTouch'])
    expect(await commands(async () => storage.save(id, RECORD, 60, version, 'b'))).toEqual(['replace'])
    expect(await commands(async () => storage.touch(id, 60))).toEqual(['touch'])
    expect(await commands(async () => storage.exists(id))).toEqual(['getMeta'])
    expect(await commands(async () => storage.remove(id))).toEqual(['remove'])
  })

  it('saves what was touched meanwhile, by whomever, though that changes the CAS', async () => {
    const { id, version } = await saved()
    await storage.load(id)
    await collection.touch(`session:${id}`, 60)
    expect(await storage.save(id, RECORD, 60, version, 'later')).toBe('later')
    await collection.touch(`session:${id}`, 60)
    await collection.replace(`session:${id}`, { name: 'foreign', session: {} })
    expect(await storage.save(id, RECORD, 60, 'later', 'latest')).toBe(false)
  })

  it('keeps the expiry with every change', async () => {
    for (const ttl of [100, 30 * DAY, 400 * DAY]) {
      const { id, version } = await saved(RECORD, 60)
      const left = async (key = id): Promise<number> => {
        const reply = await (storage as unknown as { exists(id: string): Promise<boolean> }).exists(key)
        expect(reply).toBe(true)
        return (await expiryOf(key)) - Date.now() / 1000
      }
      await storage.save(id, RECORD, ttl, version, 'b')
      expect(Math.abs((await left()) - ttl)).toBeLessThan(3)
      await storage.touch(id, 60)
      await storage.load(id, ttl)
      expect(Math.abs((await left()) - ttl)).toBeLessThan(3)
      const to = newId()
      await storage.rename(id, to, ttl)
      expect(Math.abs((await left(to)) - ttl)).toBeLessThan(3)
    }
  })
  /** What the server says itself: seconds since the epoch. */
  const expiryOf = (id: string): Promise<number> => server.expiry(`session:${id}`)

  it('refuses what is over 20 MiB, and keeps the old value', async () => {
    const { id, version } = await saved()
    const big = `{\n"big":"${'x'.repeat(20 * 1024 * 1024)}"\n}`
    const error = { code: 'SESS_TOO_LARGE', provider: 'couchbase' }
    await expect(storage.save(id, big, 60, version, 'b')).rejects.toMatchObject(error)
    expect(await storage.load(id)).toEqual({ data: RECORD, version })
  })

  it('says so where a document is something else', async () => {
    await collection.upsert('session:foreign', { something: 1 })
    await expect(storage.load('foreign')).rejects.toMatchObject({ code: 'SESS_CORRUPT', provider: 'couchbase' })
  })

  it('works in a collection of its own, and counts nothing where there is no query service', async () => {
    const other = await storageOn({ ...options, scope: 'shop', collection: 'sessions' })
    const { id } = await saved()
    expect(await other.exists(id)).toBe(false)
    expect(await other.save(id, RECORD, 60, undefined, 'a')).toBe('a')
    expect(other.capabilities).toEqual({ count: false })
    await expect(other.count()).rejects.toMatchObject({ code: 'SESS_UNSUPPORTED' })
    await other.close!()
  })

  it('takes durability', async () => {
    const durable = await storageOn({ ...options, durability: 'majority' })
    const id = newId()
    expect(await durable.save(id, RECORD, 60, undefined, 'a')).toBe('a')
    expect(await durable.save(id, RECORD, 60, 'a', 'b')).toBe('b')
    await durable.close!()
  })

  describe('where something goes wrong', () => {
    it.each(['temporary', 'locked'] as const)('waits for a %s refusal to pass', async (fault) => {
      const { id, version } = await saved()
      await server.fault('replace', fault, 2)
      expect(await storage.save(id, RECORD, 60, version, 'b')).toBe('b')
      await server.fault('replace', fault, 1000)
      const start = performance.now()
      await expect(storage.save(id, RECORD, 60, 'b', 'c')).rejects.toThrow('timeout')
      expect(performance.now() - start).toBeLessThan(1500)
      await server.heal()
      expect((await storage.load(id))!.version).toBe('b')
    })

    it('tells of an outage once, and again of the next; a locked document is none', async () => {
      const reports: Error[] = []
      const own = await storageOn({ ...options, timeout: 0.2 }, 4, reports)
      const { id, version } = await saved()
      await server.fault('replace', 'locked', 1000)
      await own.load(id)
      await expect(own.save(id, RECORD, 60, version, 'b')).rejects.toThrow('timeout')
      expect(reports).toEqual([])
      await server.fault('get', 'silent', 1000)
      for (let outage = 1; outage <= 2; outage++) {
        await Promise.allSettled([own.load(id), own.load(id)])
        await expect(own.load(id)).rejects.toThrow('timeout')
        expect(await own.exists(id)).toBe(true) // another node, say, that answers meanwhile
        await expect(own.load(id)).rejects.toThrow('timeout')
        const told = {
          code: 'SESS_STORE',
          message: expect.stringMatching(/^couchbase can't be reached: .*timeout/) as string,
        }
        expect(reports).toMatchObject(Array.from({ length: outage }, () => told))
        expect(await own.exists(id)).toBe(true)
        await sleep(450)
      }
      await own.close!()
    })

    it('reads again where a connection breaks', async () => {
      const { id, version } = await saved()
      await server.fault('get', 'drop', 2)
      expect(await storage.load(id)).toEqual({ data: RECORD, version })
    })

    it.each(['drop', 'lose'] as const)(
      'does again what may be done twice where a connection breaks: %s',
      async (fault) => {
        const reports: Error[] = []
        const own = await storageOn({ ...options, timeout: 1 }, 4, reports)
        const { id, version } = await saved()
        await server.fault('getAndTouch', fault)
        expect(await own.load(id, 60)).toEqual({ data: RECORD, version })
        await server.fault('touch', fault)
        expect(await own.touch(id, 60)).toBe(true)
        await server.fault('getMeta', fault)
        expect(await own.exists(id)).toBe(true)
        await server.fault('remove', fault)
        await own.remove(id)
        expect(await own.exists(id)).toBe(false)
        expect(reports).toEqual([])
        await own.close!()
      },
    )

    it('tells a save whose answer was lost from one that was refused: it throws, and the name tells', async () => {
      const { id, version } = await saved()
      await server.fault('replace', 'lose')
      await expect(storage.save(id, '{\n"n":2\n}', 60, version, 'mine')).rejects.toThrow()
      expect(await storage.load(id)).toEqual({ data: '{\n"n":2\n}', version: 'mine' })
      await server.fault('replace', 'drop')
      await expect(storage.save(id, '{\n"n":3\n}', 60, 'mine', 'other')).rejects.toThrow()
      expect((await storage.load(id))!.version).toBe('mine')
    })

    it('leaves no session under two ids where a rename breaks', async () => {
      for (const command of ['insert', 'remove']) {
        for (const fault of ['drop', 'lose', 'silent'] as const) {
          const { id } = await saved()
          const to = newId()
          await server.fault(command, fault)
          const moved = await Promise.resolve(storage.rename(id, to, 60)).catch(() => 'error')
          const there = [await storage.exists(id), await storage.exists(to)]
          if (moved === true) expect(there).toEqual([false, true])
          else if (command === 'remove') expect(there).toEqual([false, false])
          else expect([moved, there[0]]).toEqual(['error', true]) // a copy that nobody was told of may be left
        }
      }
    })

    it('gives up on a silent server within the timeout', async () => {
      const { id } = await saved()
      await server.fault('get', 'silent', 10)
      const start = performance.now()
      await expect(storage.load(id)).rejects.toMatchObject({ code: 'SESS_STORE' })
      expect(performance.now() - start).toBeLessThan(1500)
    })
  })

  describe('at start', () => {
    it.each([
      [{ password: 'hunter2' }, /authentication/i],
      [{ bucket: 'nowhere' }, /bucket|timeout/i],
      [{ scope: 'shop', collection: 'nowhere' }, /collection/i],
      [{ hosts: ['127.0.0.1:1'] }, /timeout/i],
    ])('%o is an error within storeTimeout, that shows no password', async (wrong, message) => {
      const start = performance.now()
      const error: unknown = await storageOn({ ...options, ...wrong }, 1.5).catch((reason: unknown) => reason)
      expect(performance.now() - start).toBeLessThan(2500)
      expect(error).toMatchObject({ code: 'SESS_STORE', message: expect.stringMatching(message) as string })
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2')
    })
  })

  it.each([
    [undefined, 0],
    ['', 0],
    ['fatal', 2], // of the tracer, and of the meter
  ])('with CNLOGLEVEL %j starts %i timers for reports of the SDK', async (level, timers) => {
    vi.stubEnv('CNLOGLEVEL', level)
    const started = vi.spyOn(globalThis, 'setInterval')
    const own = await storageOn(options)
    expect(started).toHaveBeenCalledTimes(timers)
    await own.close!()
  })

  it("leaves the application's cluster open", async () => {
    const own = await storageOn({ collection })
    await own.close!()
    expect((await collection.exists('session:x')).exists).toBe(false)
  })
})
