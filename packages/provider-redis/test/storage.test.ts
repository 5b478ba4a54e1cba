import { SessionError } from '@sess/core'
import type { Storage } from '@sess/core'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { until } from '../../../tools/testing/until.js'
import { admin, commandCounts, newId, opened, sleep, storageOn, stored } from './support.js'

const MiB = 1024 * 1024
const server = await service('redis', { own: true, config: { 'proto-max-bulk-len': 8 * MiB } })
const old = await service('redis', {
  own: true,
  args: ['--rename-command', 'GETEX', '', '--rename-command', 'MGET', ''],
})
const slotted = await service('redis', { own: true, config: { 'cluster-enabled': 'yes' } })

const RECORD = '{\n"n":1\n}'

describe.skipIf(!server.available)('the storage of redis', () => {
  const { port } = server.available ? server.servers[0]! : { port: 0 }
  const client = admin(port)
  const addr = `127.0.0.1:${port}`
  let storage: Storage

  const counted = async (fn: () => Promise<unknown>): Promise<Record<string, number>> => {
    await client.config('RESETSTAT')
    await fn()
    const { info: _, 'config|resetstat': __, ...counts } = await commandCounts(client)
    return counts
  }

  beforeEach(async () => {
    storage ??= await storageOn({ addr })
    await client.flushall()
  })
  afterAll(async () => {
    await storage.close!()
    client.disconnect()
  })

  it('keeps a string that a person reads: the version, then the record, one key a line', async () => {
    const provider = await opened(`addr=${addr}`)
    const { id } = await stored(provider, { user: { id: 7 }, visits: 3 })
    await provider.close!()
    const lines = (await client.get(`session:${id}`))!.split('\n')
    expect(lines[0]).toMatch(/^[\w-]{12}$/)
    expect(JSON.parse(lines.slice(1).join('\n'))).toEqual({ user: { id: 7 }, visits: 3 })
    expect(lines.slice(1)).toEqual(['{', '"user":{"id":7},', '"visits":3', '}'])
    expect(await client.pttl(`session:${id}`)).toBeGreaterThan(3_590_000)
  })

  it('counts the sessions under its prefix alone, whatever characters that has', async () => {
    const odd = await storageOn({ addr, prefix: 'a[b]*?\\^-:' })
    for (const id of [newId(), newId(), `~${newId()}`]) await odd.save(id, RECORD, 60, undefined, newId())
    const others = ['ab*?:', 'a[b]*?\\^-:other:', 'xa[b]*?\\^-:', 'a[b]*?\\^-:more']
    for (const key of [...others.map((prefix) => prefix + newId()), 'a[b]*?\\^-:settings']) await client.set(key, 'x')
    expect(await odd.count()).toBe(2)
    await odd.close!()
  })

  it('counts more keys than one batch of SCAN', async () => {
    await client.eval("for i = 1, 5500 do redis.call('SET', string.format('session:%016d', i), 'x') end", 0)
    expect(await storage.count()).toBe(5500)
  })

  it('says so where a key holds something else', async () => {
    await client.set('session:foreign', 'something')
    await expect(storage.load('foreign')).rejects.toMatchObject({ code: 'SESS_CORRUPT', provider: 'redis' })
    await client.lpush('session:list', 'x')
    const error = { code: 'SESS_STORE', message: expect.stringContaining('WRONGTYPE') as string }
    await expect(storage.load('list')).rejects.toMatchObject(error)
    await expect(storage.save('list', RECORD, 60, 'v', newId())).rejects.toMatchObject(error)
  })

  it('asks one command each, and two for the first save after the server has forgotten the script', async () => {
    const id = newId()
    await client.script('FLUSH')
    expect(await counted(async () => storage.save(id, RECORD, 60, undefined, 'v1'))).toEqual({ set: 1 })
    expect(await counted(async () => storage.load(id))).toEqual({ get: 1 })
    expect(await counted(async () => storage.load(id, 60))).toEqual({ getex: 1 })
    expect(await counted(async () => storage.touch(id, 60))).toEqual({ pexpire: 1 })
    expect(await counted(async () => storage.save(id, RECORD, 60, 'v1', 'v2'))).toMatchObject({ evalsha: 1, eval: 1 })
    expect(await counted(async () => storage.save(id, RECORD, 60, 'v2', 'v3'))).toEqual({
      evalsha: 1,
      getrange: 1,
      set: 1,
    })
    expect(await counted(async () => storage.exists(id))).toEqual({ exists: 1 })
    expect(await counted(async () => storage.remove(id))).toEqual({ del: 1 })
  })

  it('sends what is asked at once as one packet', async () => {
    const ids = Array.from({ length: 20 }, newId)
    const events = async (): Promise<number> =>
      Number(/total_reads_processed:(\d+)/.exec(await client.info('stats'))?.[1])
    const before = await events()
    await Promise.all(ids.map(async (id) => storage.load(id)))
    expect((await events()) - before).toBeLessThanOrEqual(4) // the loads, and our own question
  })

  it('reads what is asked at once by one command, to each its own', async () => {
    const ids = Array.from({ length: 20 }, newId)
    for (const id of ids) await storage.save(id, `{\n"id":"${id}"\n}`, 60, undefined, 'v1')
    const asked = [...ids, newId(), ids[0]!]
    let loaded: unknown[] = []
    const counts = await counted(async () => {
      loaded = await Promise.all(asked.map(async (id) => storage.load(id)))
    })
    expect(counts).toEqual({ mget: 1 })
    const expected = asked.map((id) => (ids.includes(id) ? { version: 'v1', data: `{\n"id":"${id}"\n}` } : undefined))
    expect(loaded).toEqual(expected)
  })

  it('saves what is saved at once by one script, each by its own version', async () => {
    const ids = Array.from({ length: 20 }, newId)
    for (const id of ids) await storage.save(id, RECORD, 60, undefined, 'v1')
    const [stale, gone, ...others] = ids
    await storage.save(stale!, '{\n"n":9\n}', 60, 'v1', 'v9')
    await storage.remove(gone!)
    let saved: unknown[] = []
    const counts = await counted(async () => {
      saved = await Promise.all(ids.map(async (id) => storage.save(id, `{\n"id":"${id}"\n}`, 60, 'v1', `v2${id}`)))
    })
    expect(counts).toMatchObject({ evalsha: 1, set: others.length })
    expect(saved).toEqual([false, false, ...others.map((id) => `v2${id}`)])
    expect(await storage.load(stale!)).toEqual({ version: 'v9', data: '{\n"n":9\n}' })
    expect(await storage.load(gone!)).toBeUndefined()
    for (const id of others) {
      expect(await storage.load(id)).toEqual({ version: `v2${id}`, data: `{\n"id":"${id}"\n}` })
      expect(await client.pttl(`session:${id}`)).toBeGreaterThan(59_000)
    }
  })

  it('tells a refusal to whom it concerns, wherever it stands among those that are saved at once', async () => {
    for (const place of [0, 7, 19]) {
      const ids = Array.from({ length: 20 }, newId)
      for (const [i, id] of ids.entries()) {
        if (i === place) await client.lpush(`session:${id}`, 'x')
        else await storage.save(id, RECORD, 60, undefined, 'v1')
      }
      const saves = ids.map(async (id) => storage.save(id, '{\n"n":2\n}', 60, 'v1', 'v2'))
      const outcomes = await Promise.allSettled(saves)
      const failed = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [[i, outcome.reason]] : []))
      expect(failed).toEqual([[place, expect.objectContaining({ code: 'SESS_STORE' })]])
      for (const id of ids.filter((_, i) => i !== place))
        expect(await storage.load(id)).toMatchObject({ version: 'v2' })
    }
  })

  it('holds up nobody by a script for long: 256 Ki characters at a time', async () => {
    const ids = Array.from({ length: 10 }, newId)
    for (const id of ids) await storage.save(id, RECORD, 60, undefined, 'v1')
    const big = `{\n"big":"${'x'.repeat(100_000)}"\n}`
    const counts = await counted(async () => {
      await Promise.all(ids.map(async (id) => storage.save(id, big, 60, 'v1', 'v2')))
    })
    expect(counts).toMatchObject({ evalsha: 5, set: 10 })
    for (const id of ids) expect(await storage.load(id)).toEqual({ version: 'v2', data: big })
  })

  describe('asked twice by a client that lost the answer', () => {
    it('knows a save that it made', async () => {
      const id = newId()
      expect(await storage.save(id, RECORD, 60, undefined, 'v1')).toBe('v1')
      expect(await storage.save(id, RECORD, 60, undefined, 'v1')).toBe('v1')
      expect(await storage.save(id, RECORD, 60, undefined, 'v2')).toBe(false)
      expect(await storage.save(id, RECORD, 60, 'v1', 'v2')).toBe('v2')
      expect(await storage.save(id, RECORD, 60, 'v1', 'v2')).toBe('v2')
      expect(await storage.save(id, RECORD, 60, 'v1', 'v3')).toBe(false)
    })

    it('does not tell that somebody else was quicker when it was perhaps itself', async () => {
      const own = new Redis({ port })
      const borrowed = await storageOn({ client: own })
      const id = newId()
      await borrowed.save(id, RECORD, 60, undefined, 'v1')
      await client.set(`session:${id}`, `v9\n${RECORD}`)
      const call = own.call.bind(own) as (command: string, ...args: never[]) => Promise<unknown>
      vi.spyOn(own, 'call').mockImplementation((async (command: string, ...args: never[]) => {
        own.disconnect(true)
        await new Promise((done) => own.once('close', () => done(undefined)))
        return call(command, ...args)
      }) as never)
      const saved = borrowed.save(id, RECORD, 60, 'v1', 'v2')
      await expect(saved).rejects.toThrow('nobody knows whether')
      await expect(saved).rejects.not.toBeInstanceOf(SessionError)
      own.disconnect()
    })
  })

  it('survives that the server cuts connections', async () => {
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'v1')
    for (let i = 0; i < 20; i++) {
      const loads = Array.from({ length: 10 }, async () => storage.load(id))
      await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      for (const loaded of await Promise.all(loads)) expect(loaded).toEqual({ version: 'v1', data: RECORD })
    }
  })

  it('takes 5 MiB, 10,000 keys, and binary values', async () => {
    const provider = await opened(`addr=${addr}`)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const { id } = await stored(provider, {
      big: 'ä'.repeat(2.5 * MiB),
      bytes,
      zero: '\0\r\n$1\r\n',
      [bytes.toString('latin1')]: 1,
    })
    const read = (await provider.open!(id))!
    expect((read.get('big') as string).length).toBe(2.5 * MiB)
    expect(read.get('bytes')).toEqual(bytes)
    expect(read.get('zero')).toBe('\0\r\n$1\r\n')
    expect(read.get(bytes.toString('latin1'))).toBe(1)
    const many = await stored(provider, Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, i])))
    const again = (await provider.open!(many.id))!
    again.set('key5000', 'changed')
    await again.release()
    const last = (await provider.open!(many.id))!
    expect([[...last.keys!()].length, last.get('key5000'), last.get('key9999')]).toEqual([10_000, 'changed', 9999])
    await provider.close!()
  })

  it('refuses what is over the limit of the server, before it sends it', async () => {
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'v1')
    const save = storage.save(id, `{\n"big":"${'x'.repeat(8 * MiB)}"\n}`, 60, 'v1', 'v2')
    await expect(save).rejects.toMatchObject({ code: 'SESS_TOO_LARGE', provider: 'redis' })
    expect(await storage.load(id)).toEqual({ version: 'v1', data: RECORD })
  })

  it('has the old value when the memory is full, and an error', async () => {
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'v1')
    await client.config('SET', 'maxmemory', '1mb')
    const full = { code: 'SESS_STORE', message: expect.stringContaining('OOM') as string }
    await expect(storage.save(id, '{\n"n":2\n}', 60, 'v1', 'v2')).rejects.toMatchObject(full)
    await expect(storage.save(newId(), RECORD, 60, undefined, 'v3')).rejects.toMatchObject(full)
    await expect(storage.rename(id, newId(), 60)).rejects.toMatchObject(full)
    expect(await storage.load(id, 60)).toEqual({ version: 'v1', data: RECORD })
    await client.config('SET', 'maxmemory', '0')
    expect(await storage.save(id, '{\n"n":2\n}', 60, 'v1', 'v2')).toBe('v2')
  })

  it('reports an outage once, and is not at an end when the server comes back', async () => {
    const reports: Error[] = []
    const own = await storageOn({ addr, poolSize: 3 }, reports, 1)
    for (let i = 0; i < 3; i++) await own.exists(newId())
    await server.kill()
    await expect(own.load(newId())).rejects.toThrow(/ECONNREFUSED|lost|reached/)
    await sleep(500)
    for (let i = 0; i < 3; i++) await expect(own.load(newId())).rejects.toMatchObject({ code: 'SESS_STORE' })
    const start = performance.now()
    await expect(own.load(newId())).rejects.toThrow("redis can't be reached: connect ECONNREFUSED")
    expect(performance.now() - start).toBeLessThan(50)
    expect(reports.map(String)).toEqual([expect.stringContaining("redis can't be reached")])
    await server.restart()
    await until(async () =>
      Promise.resolve(own.exists(newId())).then(
        () => true,
        () => false,
      ),
    )
    await own.close!()
  })
})

describe.skipIf(!old.available)('a server without GETEX, and without MGET', () => {
  it('is asked for GET alone by those who read at once', async () => {
    const client = admin(old.servers[0]!.port)
    const storage = await storageOn({ addr: old.addresses })
    const ids = [newId(), newId(), newId()]
    for (const id of ids) await storage.save(id, RECORD, 60, undefined, id)
    await client.config('RESETSTAT')
    for (let round = 0; round < 3; round++) {
      const loaded = await Promise.all(ids.map(async (id) => storage.load(id)))
      expect(loaded).toEqual(ids.map((id) => ({ version: id, data: RECORD })))
    }
    expect(await commandCounts(client)).toMatchObject({ get: 9 })
    await storage.close!()
    client.disconnect()
  })

  it('is asked for GET and PEXPIRE, in one round trip', async () => {
    const client = admin(old.servers[0]!.port)
    const storage = await storageOn({ addr: old.addresses })
    const id = newId()
    await storage.save(id, RECORD, 60, undefined, 'v1')
    expect(await storage.load(id, 600)).toEqual({ version: 'v1', data: RECORD })
    expect(await client.pttl(`session:${id}`)).toBeGreaterThan(590_000)
    await client.config('RESETSTAT')
    expect(await storage.load(id, 900)).toEqual({ version: 'v1', data: RECORD })
    expect(await storage.load(newId(), 900)).toBeUndefined()
    expect(await commandCounts(client)).toMatchObject({ get: 2, pexpire: 2 })
    await storage.close!()
    client.disconnect()
  })
})

describe.skipIf(!slotted.available)('one address with all slots of a cluster behind it', () => {
  it('is asked for one key at a time, since those of several slots are refused together', async () => {
    const client = admin(slotted.servers[0]!.port)
    await client.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot))
    await until(async () => (await client.cluster('INFO')).includes('cluster_state:ok'))
    const storage = await storageOn({ addr: slotted.addresses })
    const ids = Array.from({ length: 10 }, newId)
    const at = async <T>(fn: (id: string) => T | Promise<T>): Promise<T[]> => Promise.all(ids.map(async (id) => fn(id)))
    await at((id) => storage.save(id, RECORD, 60, undefined, 'v1'))
    await client.config('RESETSTAT')
    for (const version of ['v2', 'v3', 'v4']) {
      const before = (await at((id) => storage.load(id))).map((loaded) => loaded!.version)
      expect(new Set(before).size).toBe(1)
      expect(await at((id) => storage.save(id, RECORD, 60, before[0], version))).toEqual(ids.map(() => version))
    }
    expect(await commandCounts(client)).toMatchObject({ get: 30, set: 30 })
    expect(await client.info('errorstats')).toContain('errorstat_CROSSSLOT:count=2\r') // once to read, once to save
    const others = ids.map(() => newId())
    expect(await Promise.all(ids.map(async (id, n) => storage.rename(id, others[n]!, 60)))).toEqual(ids.map(() => true))
    expect(await at((id) => storage.exists(id))).toEqual(ids.map(() => false))
    for (const id of others) expect((await storage.load(id))?.data).toBe(RECORD)
    await storage.close!()
    client.disconnect()
  })
})
