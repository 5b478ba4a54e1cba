import type { Manager } from '@sess/core'
import { createManager } from '@sess/core'
import { createPool } from 'mysql2'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startService } from '../../../tools/services/index.mjs'
import { makeCertificate } from '../../../tools/services/tls.mjs'
import { service } from '../../../tools/services/vitest.mjs'
import { createTableSql, mysql } from '../src/index.js'
import { Bench } from './support/table.js'

const [name, address] = [
  await makeCertificate('name', 'DNS:localhost'),
  await makeCertificate('address', 'IP:127.0.0.1'),
]
afterAll(() => [name, address].forEach((one) => one?.remove()))

const STORE_TIMEOUT = 1
const config = { autocommit: 0, 'init-connect': 'SET sql_safe_updates = 1' }
const server = await service('mariadb', { own: true, config })

describe.skipIf(!server.available)("a server's or a pool's settings", () => {
  const bench = new Bench(server.url)
  const managers: Manager[] = []
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.close()
  })
  afterAll(() => bench.close())

  async function opened(options: object): Promise<Manager> {
    const manager = createManager({ provider: mysql(options), storeTimeout: STORE_TIMEOUT })
    managers.push(manager)
    await manager.ready()
    return manager
  }
  /** A new session with `n`; gives its id. */
  async function begin(manager: Manager): Promise<string> {
    const { id } = manager.newIdentity()
    const store = manager.provider.create(id)
    store.set('n', 1)
    await store.release()
    return id
  }
  const valueOf = async (manager: Manager, id: string): Promise<unknown> => (await manager.load(id))?.get('n')

  it('autocommit = 0 is not for our own connections: what was saved is committed', async () => {
    const options = await bench.table(createTableSql)
    const id = await begin(await opened(options))
    expect(await valueOf(await opened(options), id)).toBe(1)
  })

  it('autocommit = 0 in the pool of the application is an error at start', async () => {
    const { table } = await bench.table(createTableSql)
    const pool = createPool({ uri: server.url })
    await expect(opened({ pool, table })).rejects.toThrow(/autocommit.*SET GLOBAL autocommit = 1/s)
    await pool.promise().end()
  })

  it('sql_safe_updates = 1 stops nothing', async () => {
    await bench.pool.query('SET GLOBAL sql_safe_updates = 1')
    const manager = await opened(await bench.table(createTableSql))
    const id = await begin(manager)
    await manager.gc()
    await manager.destroy(id)
    expect(await valueOf(manager, id)).toBeUndefined()
    await bench.pool.query('SET GLOBAL sql_safe_updates = 0')
  })

  it('sql_select_limit hides no session from requests that come at once', async () => {
    await bench.pool.query('SET GLOBAL sql_select_limit = 3')
    const manager = await opened(await bench.table(createTableSql))
    const ids = await Promise.all(Array.from({ length: 5 }, () => begin(manager)))
    expect(await Promise.all(ids.map((id) => valueOf(manager, id)))).toEqual([1, 1, 1, 1, 1])
    await bench.pool.query('SET GLOBAL sql_select_limit = DEFAULT')
  })

  it('a limit on the connections of the user below poolSize is waited for', async () => {
    await bench.pool.query(`CREATE USER few@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1`)
    await bench.pool.query(`GRANT ALL ON sess.* TO few@'127.0.0.1'`)
    const manager = await opened({ ...(await bench.table(createTableSql)), user: 'few' })
    const id = await begin(manager)
    expect(await Promise.all([valueOf(manager, id), manager.count()])).toEqual([1, 1])
  })

  it.each([
    ['gives nonsense', () => 'nonsense'],
    ['parses what is not its own', (field: { string(): string }) => JSON.parse(field.string()) as unknown],
  ])("the pool's typeCast is not for our statements: one that %s", async (_, typeCast) => {
    const { table } = await bench.table(createTableSql)
    const pool = createPool({ uri: server.url, typeCast: typeCast as never })
    pool.on('connection', (connection) => connection.query('SET autocommit = 1'))
    const manager = await opened({ pool, table })
    expect(await valueOf(manager, await begin(manager))).toBe(1)
    expect(await manager.count()).toBe(1)
    await manager.close()
    await pool.promise().end()
  })
})

describe.skipIf(!server.available)('closing', () => {
  it.each([0, 1, 40])('ends in time while the server is silent, with %d statements on the way', async (statements) => {
    const silent = await startService('mariadb', { own: true })
    const bench = new Bench(silent.url)
    const options = await bench.table(createTableSql)
    await bench.close()
    const sockets = (): number => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
    const before = sockets()
    const manager = createManager({ provider: mysql(options), storeTimeout: STORE_TIMEOUT })
    await manager.ready()
    await silent.pause()
    const loads = Array.from({ length: statements }, async (_, i) => {
      await new Promise((done) => setTimeout(done, i))
      await manager.load(manager.newIdentity().id)
    })
    const outcomes = Promise.allSettled(loads)
    await new Promise((done) => setTimeout(done, 100))
    const start = Date.now()
    await manager.close()
    expect(Date.now() - start).toBeLessThan(STORE_TIMEOUT * 1000 + 500)
    await outcomes
    await new Promise((done) => setTimeout(done, 100))
    expect(sockets()).toBeLessThanOrEqual(before)
    await silent.resume()
    await silent.stop()
  })
})

describe.skipIf(!server.available || !name)('tls: true', () => {
  it.each([
    ['a name', name!, 'localhost', '127.0.0.1'],
    ['an address', address!, '127.0.0.1', 'localhost'],
  ])('verifies the certificate of %s for the very host', async (_, files, host, other) => {
    const secure = await startService('mariadb', {
      own: true,
      config: { 'ssl-cert': files.cert, 'ssl-key': files.key },
    })
    const bench = new Bench(secure.url)
    const open = async (at: string): Promise<void> => {
      const options = { ...bench.options, host: at, tls: true, ca: files.ca, table: 'tls', createTable: true }
      const manager = createManager({ provider: mysql(options), storeTimeout: STORE_TIMEOUT })
      try {
        await manager.ready()
      } finally {
        await manager.close()
      }
    }
    try {
      await open(host)
      await expect(open(other)).rejects.toThrow(/altname/)
    } finally {
      await bench.close()
      await secure.stop()
    }
  })
})
