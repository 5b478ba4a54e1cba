import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manager, Provider, SessionOptions } from '@sess/core'
import { createManager } from '@sess/core'
import { Pool } from 'pg'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { give } from '../../../tools/services/account.mjs'
import { makeCertificate } from '../../../tools/services/tls.mjs'
import { service } from '../../../tools/services/vitest.mjs'
import { createTableSql, postgres } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench, documented, newName } from './support/table.js'

const server = await service('postgres', { own: true })
const [certificate, stranger] = [await makeCertificate(), await makeCertificate('stranger')]
afterAll(() => [certificate, stranger].forEach((one) => one?.remove()))

describe.skipIf(!server.available)('postgres', () => {
  const bench = new Bench(server.url)
  const managers: Manager[] = []
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.close()
  })
  afterAll(() => bench.close())

  function managerOf(config: object | Provider, more: SessionOptions = {}): Manager {
    const provider = 'init' in config ? config : postgres(config as Options)
    const manager = createManager({ provider, maxLifetime: 600, storeTimeout: 2, ...more })
    managers.push(manager)
    return manager
  }
  async function opened(config: object | Provider, more?: SessionOptions): Promise<Manager> {
    const manager = managerOf(config, more)
    await manager.ready()
    return manager
  }
  /** A new session with `n`; gives its id. */
  async function begin(manager: Manager, n = 1): Promise<string> {
    const { id } = manager.newIdentity()
    const store = manager.provider.create(id)
    store.set('n', n)
    await store.release()
    return id
  }
  const valueOf = async (manager: Manager, id: string): Promise<unknown> => (await manager.load(id))?.get('n')

  describe('the table', () => {
    it('is missing: the error prints the SQL, which makes one that will do', async () => {
      const table = newName()
      const failed = managerOf({ ...bench.options, table }).ready()
      await expect(failed).rejects.toMatchObject({ code: 'SESS_STORE' })
      const message = await failed.catch((error: Error) => error.message)
      await bench.pool.query((message as string).slice((message as string).indexOf('CREATE TABLE')))
      const manager = await opened({ ...bench.options, table })
      expect(await valueOf(manager, await begin(manager))).toBe(1)
    })

    it('is made where that was asked for, by several servers at once', async () => {
      const options = { ...bench.options, table: newName(), createTable: true }
      const all = await Promise.all(Array.from({ length: 5 }, () => opened(options)))
      expect(await valueOf(all[1]!, await begin(all[0]!))).toBe(1)
    })

    it('is not made by a user who may not: the error prints the SQL all the same', async () => {
      await bench.pool.query('CREATE USER nobody')
      const failed = managerOf({ ...bench.options, user: 'nobody', table: newName(), createTable: true }).ready()
      await expect(failed).rejects.toThrow(/could not be made \(permission denied.*CREATE TABLE/s)
    })

    it('may lie in a schema, and have a name that needs quotes', async () => {
      await bench.pool.query('CREATE SCHEMA "My-Schema"')
      const manager = await opened({ ...bench.options, table: 'My-Schema.User-Sessions', createTable: true })
      await begin(manager)
      expect(await bench.rows('SELECT count(*)::int FROM "My-Schema"."User-Sessions"')).toEqual([{ count: 1 }])
    })

    it.each([
      ['key CHAR(8) PRIMARY KEY, data BYTEA, expiry INTEGER', /ALTER COLUMN "key" TYPE varchar/],
      ['key INTEGER PRIMARY KEY, data BYTEA, expiry INTEGER', /ALTER COLUMN "key" TYPE varchar/],
      ['key CHAR(16), data BYTEA, expiry INTEGER', /ADD UNIQUE/],
      ['key CHAR(16), other INTEGER, data BYTEA, expiry INTEGER, PRIMARY KEY (key, other)', /ADD UNIQUE/],
      ['key CHAR(16) PRIMARY KEY, data TEXT, expiry INTEGER', /ALTER COLUMN "data" TYPE bytea/],
      ['key CHAR(16) PRIMARY KEY, data BYTEA, expiry TIMESTAMP', /ALTER COLUMN "expiry" TYPE bigint/],
      ['key CHAR(16) PRIMARY KEY, data BYTEA', /needs the columns key, data and expiry/],
    ])('is refused with the SQL to run: %s', async (columns, message) => {
      const options = await bench.table((name) => `CREATE TABLE ${name} (${columns})`)
      await expect(managerOf(options).ready()).rejects.toThrow(message)
    })

    it("of another program, as connect-pg-simple's, is to be left to it, says the error", async () => {
      const theirs = 'sid VARCHAR PRIMARY KEY, sess JSON NOT NULL, expire TIMESTAMP(6) NOT NULL'
      const options = await bench.table((name) => `CREATE TABLE ${name} (${theirs})`)
      await expect(managerOf(options).ready()).rejects.toThrow(
        /another program's, give ours another name by the option table/,
      )
    })

    it('is refused where a privilege is missing, with the GRANT', async () => {
      const options = await bench.table(createTableSql)
      await bench.pool.query(`CREATE USER "some body"; GRANT SELECT, INSERT ON ${options.table} TO "some body"`)
      const failed = managerOf({ ...options, user: 'some body' }).ready()
      await expect(failed).rejects.toThrow(/may not UPDATE, DELETE.*GRANT SELECT.*TO "some body"/s)
    })

    it.each(['x"; DROP TABLE users; --', "x'", 'a.b.c', '', ' ', 'a..b', 'x\0', 'é'.repeat(32), 'x;y'])(
      'has no hostile name: %j (CVE-2019-15658)',
      (table) => {
        expect(() => managerOf({ ...bench.options, table }).ready()).toThrow(/option table/)
        expect(() => createTableSql(table)).toThrow(/option table/)
      },
    )

    it('of the document pads keys and ends in 2038: neither is seen', async () => {
      const options = await bench.table(documented)
      const manager = await opened(options, { idLength: 12, maxLifetime: 2_147_483_647 })
      const id = await begin(manager)
      expect(id.length).toBe(12)
      expect(await valueOf(manager, id)).toBe(1)
      expect(await bench.rows(`SELECT expiry FROM ${options.table}`)).toEqual([{ expiry: 2_147_483_647 }])
    })

    it('of the document takes no longer ids than its key has room for', async () => {
      const opening = opened(await bench.table(documented), { idLength: 22 })
      await expect(opening).rejects.toMatchObject({ code: 'SESS_STORE' })
      await expect(opening).rejects.toThrow(
        /narrower than idLength.*ALTER TABLE .* ALTER COLUMN "key" TYPE varchar\(64\)/s,
      )
    })

    it('may be altered while sessions are in use', async () => {
      const options = await bench.table(documented)
      const manager = await opened({ ...options, poolSize: 2 })
      const id = await begin(manager)
      await Promise.all([valueOf(manager, id), valueOf(manager, id)])
      await bench.pool.query(
        `ALTER TABLE ${options.table} ALTER COLUMN expiry TYPE BIGINT, ALTER COLUMN key TYPE CHAR(43)`,
      )
      expect(await valueOf(manager, id)).toBe(1)
      expect(await valueOf(manager, await begin(manager, 2))).toBe(2)
    })
  })

  describe('a row', () => {
    it('that something else wrote is an error for its own request alone', async () => {
      const options = await bench.table(documented)
      const manager = await opened(options)
      const [id, other] = [await begin(manager), await begin(manager)]
      for (const data of [`'\\x00ff'::bytea`, 'NULL', `''::bytea`]) {
        await bench.pool.query(`UPDATE ${options.table} SET data = ${data} WHERE key = '${id}'`)
        const [damaged, fine] = await Promise.allSettled([manager.load(id), valueOf(manager, other)])
        expect(damaged).toMatchObject({ status: 'rejected', reason: { code: 'SESS_CORRUPT' } })
        expect(fine).toEqual({ status: 'fulfilled', value: 1 })
      }
      await manager.destroy(id)
    })

    it('is readable: the version, and below it JSON', async () => {
      const options = await bench.table(createTableSql)
      await begin(await opened(options))
      const [row] = await bench.rows(`SELECT convert_from(data, 'UTF8') AS data FROM ${options.table}`)
      expect(row!['data']).toMatch(/^[\w-]{12}\n\{\n"n":1\n\}$/)
    })

    it('is the same in a database of another encoding', async () => {
      await bench.pool.query(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`)
      const manager = await opened({ ...bench.options, database: 'latin', createTable: true })
      const { id } = manager.newIdentity()
      const store = manager.provider.create(id)
      store.set('text', '世界 😀 \u2028')
      await store.release()
      expect((await manager.load(id))?.get('text')).toBe('世界 😀 \u2028')
    })
  })

  describe('clocks', () => {
    it('of the servers may differ by a minute, and more', async () => {
      const options = await bench.table(createTableSql)
      const clocks = [-60_000, 0, 60_000]
      const all = await Promise.all(
        clocks.map((skew) => opened(options, { maxLifetime: 30, clock: () => Date.now() + skew })),
      )
      for (const one of all) {
        const id = await begin(one)
        for (const other of all) expect(await valueOf(other, id)).toBe(1)
        const [row] = await bench.rows(
          `SELECT expiry - extract(epoch FROM now()) AS left FROM ${options.table} WHERE key = '${id}'`,
        )
        expect(Number(row!['left'])).toBeGreaterThan(28)
        expect(Number(row!['left'])).toBeLessThanOrEqual(30)
        await all[2]!.gc()
        expect(await all[0]!.count()).toBeGreaterThan(0)
      }
    })
  })

  describe("the application's pool", () => {
    it('is used, by two tables too, and stays open with no listener of ours', async () => {
      const pool = new Pool({ connectionString: server.url })
      const tables = [await bench.table(createTableSql), await bench.table(documented)]
      const both = await Promise.all(tables.map(({ table }) => opened({ pool, table })))
      for (const manager of both) expect(await valueOf(manager, await begin(manager))).toBe(1)
      for (const manager of both) await manager.close()
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      expect(pool.listenerCount('error')).toBe(0)
      await pool.end()
    })

    it('gives rows in the same way whatever type parsers it has', async () => {
      const { table } = await bench.table(createTableSql)
      const pool = new Pool({ connectionString: server.url, types: { getTypeParser: () => () => 'nonsense' } as never })
      const manager = await opened({ pool, table })
      expect(await valueOf(manager, await begin(manager))).toBe(1)
      expect(await manager.count()).toBe(1)
      await manager.close()
      await pool.end()
    })
  })

  it('does without prepared statements where it shall, for PgBouncer', async () => {
    const options = { ...(await bench.table(createTableSql)), prepare: false, applicationName: 'bouncer' }
    const manager = await opened(options)
    const id = await begin(manager)
    expect(await valueOf(manager, id)).toBe(1)
    const pool = new Pool({ connectionString: server.url, max: 1 })
    const direct = await opened(postgres({ pool, table: options.table, prepare: false }))
    expect(await valueOf(direct, id)).toBe(1)
    expect((await pool.query('SELECT * FROM pg_prepared_statements')).rows).toEqual([])
    await direct.close()
    await pool.end()
  })

  it('gives up on a row that somebody locked, and leaves nothing waiting on the server', async () => {
    const options = await bench.table(createTableSql)
    const manager = await opened(options, { storeTimeout: 1 })
    const id = await begin(manager)
    const client = await bench.pool.connect()
    await client.query(`BEGIN; SELECT * FROM ${options.table} FOR UPDATE`)
    const start = Date.now()
    await expect(manager.destroy(id)).rejects.toMatchObject({ code: 'SESS_STORE' })
    expect(Date.now() - start).toBeLessThan(1000)
    expect(await valueOf(manager, id)).toBe(1)
    await new Promise((done) => setTimeout(done, 100))
    const waiting = `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'sess' AND wait_event_type = 'Lock'`
    expect(await bench.rows(waiting)).toEqual([{ count: 0 }])
    await client.query('ROLLBACK')
    client.release()
    await manager.destroy(id)
  })

  it('finds the primary server again when the one it knows becomes a read-only replica', async () => {
    const manager = await opened(await bench.table(createTableSql))
    const id = await begin(manager)
    const alter = (value: string): Promise<unknown> =>
      bench.pool
        .query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
        .then(() => bench.pool.query('SELECT pg_reload_conf()'))
    await alter('on')
    await new Promise((done) => setTimeout(done, 100))
    const saving = begin(manager, 2)
    saving.catch(() => undefined)
    await alter('off')
    expect(await valueOf(manager, await saving)).toBe(2)
    expect(await valueOf(manager, id)).toBe(1)
  })

  describe.skipIf(!certificate)('encryption', () => {
    const hba = (line: string): Promise<unknown> =>
      bench.pool.query(`COPY (SELECT '${line}') TO '${join(server.folder, 'data/pg_hba.conf')}'`)
    const reload = async (): Promise<void> => {
      await bench.pool.query('SELECT pg_reload_conf()')
      await new Promise((done) => setTimeout(done, 200))
    }
    const isEncrypted = async (name: string): Promise<unknown> => {
      const sql = `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = '${name}' LIMIT 1`
      return (await bench.rows(sql))[0]?.['ssl']
    }
    function serve({ cert, key }: { cert: string; key: string }): void {
      for (const [from, to] of [[cert, 'server.crt'] as const, [key, 'server.key'] as const]) {
        copyFileSync(from, join(server.folder, 'data', to))
        give(join(server.folder, 'data', to))
      }
      chmodSync(join(server.folder, 'data/server.key'), 0o600)
    }
    let number = 0
    async function connection(options: object): Promise<unknown> {
      const applicationName = `tls${++number}`
      await opened({ ...bench.options, table: 'tls', createTable: true, applicationName, ...options })
      return isEncrypted(applicationName)
    }

    it('is what sslmode says, on a server that has none', async () => {
      expect(await connection({ ssl: undefined })).toBe(false)
      expect(await connection({ ssl: 'prefer' })).toBe(false)
      expect(await connection({ ssl: 'allow' })).toBe(false)
      await expect(connection({ ssl: 'require' })).rejects.toThrow(/does not support SSL/)
    })

    it('is what sslmode says, on a server that has it', async () => {
      serve(certificate!)
      await bench.pool.query('ALTER SYSTEM SET ssl = on')
      await reload()
      expect(await connection({ ssl: 'disable' })).toBe(false)
      expect(await connection({ ssl: 'allow' })).toBe(false)
      for (const ssl of [undefined, 'prefer', 'require']) expect(await connection({ ssl })).toBe(true)
      for (const ssl of ['require', 'verify-ca', 'verify-full']) {
        expect(await connection({ ssl, sslRootCert: certificate!.ca })).toBe(true)
        await expect(connection({ ssl, sslRootCert: stranger!.ca })).rejects.toThrow(/certificate/)
      }
      await expect(connection({ ssl: 'verify-full' })).rejects.toThrow(/certificate/)
      const elsewhere = { hostaddr: '127.0.0.1', host: 'example.org', sslRootCert: certificate!.ca }
      expect(await connection({ ...elsewhere, ssl: 'verify-ca' })).toBe(true)
      await expect(connection({ ...elsewhere, ssl: 'verify-full' })).rejects.toThrow(/example.org/)
    })

    it('with verify-full is with the very host, also where that is an address', async () => {
      const byName = await makeCertificate('name', 'DNS:localhost')
      serve(byName!)
      await reload()
      const files = { ssl: 'verify-full', sslRootCert: byName!.ca }
      expect(await connection({ ...files, host: 'localhost' })).toBe(true)
      await expect(connection({ ...files, host: '127.0.0.1' })).rejects.toThrow(/altname/)
      byName!.remove()
    })

    it('is tried where the server refuses the clear', async () => {
      await hba('hostssl all all 127.0.0.1/32 trust')
      await reload()
      expect(await connection({ ssl: 'allow' })).toBe(true)
      await expect(connection({ ssl: 'disable' })).rejects.toThrow(/no encryption|SSL off/)
    })
  })
})
