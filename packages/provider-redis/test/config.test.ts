import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager, SessionError } from '@sess/core'
import type { Provider } from '@sess/core'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../tools/services/tls.mjs'
import { service } from '../../../tools/services/vitest.mjs'
import { redis } from '../src/index.js'
import { until } from '../../../tools/testing/until.js'
import { admin, newId, opened, stored } from './support.js'

const certificate = await makeCertificate()
const stranger = await makeCertificate()
const socket = join(tmpdir(), `sess-${process.pid}.sock`)
const server = await service('redis', {
  own: true,
  config: { requirepass: 'hunter2', unixsocket: socket, unixsocketperm: 777 },
  ...(certificate && { tls: certificate }),
})

describe.skipIf(!server.available)('each key of the config string', () => {
  const { port } = server.available ? server.servers[0]! : { port: 0 }
  const login = `password=hunter2,addr=127.0.0.1:${port}`
  const client = admin(port, { password: 'hunter2' })
  const toClose: Provider[] = []

  const use = async (config: string): Promise<Provider> => {
    const provider = await opened(config)
    toClose.push(provider)
    return provider
  }
  /** The connections of providers, not ours. */
  const connections = async (): Promise<string[]> =>
    String(await client.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(' name=sess '))

  afterEach(async () => {
    for (const provider of toClose.splice(0)) await provider.close?.()
    await until(async () => (await connections()).length === 0)
  })
  afterAll(() => {
    client.disconnect()
    certificate?.remove()
    stranger?.remove()
  })

  it('addr and prefix: the key is where they say', async () => {
    const { id } = await stored(await use(`${login},prefix=shop:`), { n: 1 })
    expect(await client.exists(`shop:${id}`)).toBe(1)
  })

  it('prefix: session: where nothing is said', async () => {
    const { id } = await stored(await use(login), { n: 1 })
    expect(await client.keys(`*${id}`)).toEqual([`session:${id}`])
  })

  it('db: the database', async () => {
    const { id } = await stored(await use(`${login},db=5`), { n: 1 })
    expect(await client.exists(`session:${id}`)).toBe(0)
    await client.select(5)
    expect(await client.exists(`session:${id}`)).toBe(1)
    await client.select(0)
  })

  it('db: one that the server does not have is an error, never another one', async () => {
    await expect(opened(`${login},db=99`)).rejects.toMatchObject({ code: 'SESS_STORE' })
  })

  it('password: a wrong one is an error that does not show it, nor does the cause', async () => {
    const error = await opened(`addr=127.0.0.1:${port},password=guessed`).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SessionError)
    expect((error as SessionError).message).toContain('WRONGPASS')
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 9 })).not.toContain('guessed')
    await expect(opened(`addr=127.0.0.1:${port}`)).rejects.toThrow('NOAUTH')
  })

  it('username: the ACL user', async () => {
    await client.call('ACL', 'SETUSER', 'shop', 'on', '>secret', '~*', '&*', '+@all')
    const provider = await use(`addr=127.0.0.1:${port},username=shop,password=secret`)
    await stored(provider, { n: 1 })
    expect((await connections())[0]).toContain('user=shop')
  })

  it('username: one that may do what the README says, and no more', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [line] = /ACL SETUSER .*/.exec(readme)!
    const [, name, ...rules] = line.replace('>password', '>secret').split(' ').slice(1)
    await client.call('ACL', 'SETUSER', name!, ...rules)
    await client.call('ACL', 'LOG', 'RESET')
    for (const db of [0, 1]) {
      const provider = await use(`addr=127.0.0.1:${port},username=${name},password=secret,db=${db}`)
      const { id } = await stored(provider, { n: 1, large: 'x'.repeat(1.5 * 1024 * 1024) })
      await stored(provider, { n: 2 }, id)
      const moved = await provider.regenerate(id, newId())
      expect(moved.get('n')).toBe(2)
      expect(await provider.exist(id)).toBe(false)
      expect(await provider.count()).toBeGreaterThan(0)
      await provider.destroy(moved.id)
      await Promise.all([provider.open!(newId()), provider.open!(newId())])
    }
    const refused = (await client.call('ACL', 'LOG')) as unknown[][]
    expect(refused.map((entry) => entry[entry.indexOf('object') + 1])).toEqual([])
  })

  it('network=unix: the socket', async () => {
    const provider = await use(`network=unix,addr=${socket},password=hunter2`)
    const { id } = await stored(provider, { n: 1 })
    expect(await client.exists(`session:${id}`)).toBe(1)
    expect((await connections())[0]).toContain(socket)
  })

  it('pool_size: so many connections, all of them used', async () => {
    const provider = await use(`${login},pool_size=5`)
    for (let i = 0; i < 20; i++) await provider.exist(newId())
    const list = await connections()
    expect(list).toHaveLength(5)
    for (const line of list) expect(line).toContain('cmd=exists')
  })

  it('idle_timeout: an unused connection is closed, and another one opened when it is needed', async () => {
    const provider = await use(`${login},idle_timeout=1`)
    const { id } = await stored(provider, { n: 1 })
    expect(await connections()).toHaveLength(1)
    await until(async () => (await connections()).length === 0, 2500)
    expect(await provider.exist(id)).toBe(true)
    expect(await provider.count()).toBeGreaterThan(0)
    expect(await connections()).toHaveLength(1)
  })

  it('idle_timeout: a connection in use stays', async () => {
    const provider = await use(`${login},idle_timeout=1`)
    await provider.exist(newId())
    const [before] = await connections()
    for (let i = 0; i < 7; i++) {
      await new Promise((done) => setTimeout(done, 250))
      await provider.exist(newId())
    }
    const [after] = await connections()
    expect(after!.split(' ')[0]).toBe(before!.split(' ')[0])
  })

  it.skipIf(!certificate)('tls, ca: the certificate is verified', async () => {
    const secure = new URL(server.url).host
    const provider = await use(`addr=${secure},password=hunter2,tls=true,ca=${certificate!.ca}`)
    const { id } = await stored(provider, { n: 1 })
    expect(await client.exists(`session:${id}`)).toBe(1)
    const refused = { code: 'SESS_STORE', message: expect.stringContaining('certificate') as string }
    await expect(opened(`addr=${secure},password=hunter2,tls=true`)).rejects.toMatchObject(refused)
    await expect(opened(`addr=${secure},password=hunter2,tls=true,ca=${stranger!.ca}`)).rejects.toThrow(SessionError)
  })

  it.skipIf(!certificate)('URLs: redis:// and rediss://', async () => {
    const plain = await use(`redis://:hunter2@127.0.0.1:${port}/2?prefix=url:`)
    const { id } = await stored(plain, { n: 1 })
    const secure = await use(`${server.url}/2?prefix=url:&ca=${encodeURIComponent(certificate!.ca)}`)
    expect(await secure.exist(id)).toBe(true)
    const typed = redis({
      addr: new URL(server.url).host,
      password: 'hunter2',
      db: 2,
      prefix: 'url:',
      tls: { ca: readFileSync(certificate!.ca) },
    })
    await typed.init(60, '')
    expect(await typed.exist(id)).toBe(true)
    await typed.close!()
  })
})

describe.skipIf(!server.available)("the application's client", () => {
  it('is used with its keyPrefix, and not closed', async () => {
    const client = new Redis({ port: server.servers[0]!.port, password: 'hunter2', keyPrefix: 'app[1]:' })
    const aside = admin(server.servers[0]!.port, { password: 'hunter2' })
    const provider = await opened({ client, prefix: 's:' })
    const { id } = await stored(provider, { n: 1 })
    expect(await aside.exists(`app[1]:s:${id}`)).toBe(1)
    await aside.set(`app1:s:${newId()}`, 'of somebody else')
    expect(await provider.count()).toBe(1)
    expect((await provider.regenerate(id, newId())).get('n')).toBe(1)
    await provider.close!()
    expect(client.status).toBe('ready')
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
    aside.disconnect()
  })

  it('may be connecting still, and told not to queue what comes before', async () => {
    const client = new Redis({ port: server.servers[0]!.port, password: 'hunter2', enableOfflineQueue: false })
    expect(client.status).toBe('connecting')
    const provider = await opened({ client })
    expect(await provider.count()).toBeGreaterThanOrEqual(0)
    await provider.close!()
    client.disconnect()
  })

  it('is not listened to once more by each attempt to open, while its server is away', async () => {
    const client = new Redis({ port: 1, enableOfflineQueue: false, retryStrategy: () => 20 }).on(
      'error',
      () => undefined,
    )
    const manager = createManager({ provider: redis({ client }), storeTimeout: 0.1 })
    for (let attempt = 0; attempt < 15; attempt++) {
      await expect(manager.ready()).rejects.toMatchObject({ status: 503 })
    }
    expect(client.listenerCount('ready')).toBeLessThan(10) // some are ioredis's own
    await manager.close()
    client.disconnect()
  })
})
