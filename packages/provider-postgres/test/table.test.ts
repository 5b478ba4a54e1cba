import type { Provider } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { cured as curedBy, works } from '../../sql/test/cured.js'
import { postgres } from '../src/index.js'
import { Bench, newName } from './support/table.js'

const server = await service('postgres', { own: true })

const policy = (table: string, command: string): string =>
  `CREATE POLICY p_${command} ON ${table} FOR ${command} ${command === 'INSERT' ? 'WITH CHECK' : 'USING'} (true);`

describe.skipIf(!server.available)('the SQL that an error prints', () => {
  const bench = new Bench(server.url)
  afterAll(() => bench.close())
  beforeAll(() => bench.pool.query('CREATE USER "o\'brien"; CREATE USER app'))

  const provide = (config: object): Provider => postgres({ ...bench.options, ...config })
  const use = (config: object): Promise<void> => works(provide(config))
  const cured = (config: object): Promise<string[]> =>
    curedBy(
      () => provide(config),
      (sql) => bench.pool.query(sql),
    )

  it.each([
    ['a column missing', 'key CHAR(16) PRIMARY KEY, data BYTEA', /ADD COLUMN "expiry"/],
    ['two columns missing', 'expiry INTEGER', /ADD COLUMN "key".*ADD COLUMN "data"/],
    [
      'another primary key',
      'id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key CHAR(16), data BYTEA, expiry INTEGER',
      /ADD UNIQUE/,
    ],
    [
      'a primary key of two columns',
      'key CHAR(16), other INTEGER, data BYTEA, expiry INTEGER, PRIMARY KEY (key, other)',
      /ADD UNIQUE.*DROP CONSTRAINT/s,
    ],
    ['data that is text', 'key CHAR(16) PRIMARY KEY, data TEXT NOT NULL, expiry INTEGER', /USING ''::bytea/],
    [
      'an expiry with a default',
      'key CHAR(16) PRIMARY KEY, data BYTEA, expiry TIMESTAMP NOT NULL DEFAULT now()',
      /DROP DEFAULT/,
    ],
    [
      'a column that wants a value',
      'key CHAR(16) PRIMARY KEY, data BYTEA, expiry INTEGER, "My app" TEXT NOT NULL',
      /"My app" DROP NOT NULL/,
    ],
    ['uniqueness that may wait', 'key CHAR(16), data BYTEA, expiry INTEGER, UNIQUE (key) DEFERRABLE', /ADD UNIQUE/],
    ['a key that is a number', 'key INTEGER PRIMARY KEY, data BYTEA, expiry INTEGER', /TYPE varchar/],
  ])('cures %s', async (_, columns, expected) => {
    const { table } = await bench.table((name) => `CREATE TABLE ${name} (${columns})`)
    const names = (
      await bench.rows(
        `SELECT column_name AS name, data_type AS type, is_identity AS identity FROM information_schema.columns WHERE table_name = '${table}'`,
      )
    ).filter(({ identity }) => identity === 'NO')
    const values = names.map(({ type }) =>
      /char|text/.test(String(type)) ? `'7'` : /int/.test(String(type)) ? '1' : type === 'bytea' ? `'x'` : 'now()',
    )
    await bench.pool.query(
      `INSERT INTO ${table} (${names.map(({ name }) => `"${String(name)}"`).join()}) VALUES (${values.join()})`,
    )
    expect((await cured({ table })).join('\n')).toMatch(expected)
  })

  it('is none for a primary key that includes another column', async () => {
    const columns = 'key CHAR(16), data BYTEA, expiry INTEGER, PRIMARY KEY (key) INCLUDE (expiry)'
    expect(await cured({ table: (await bench.table((name) => `CREATE TABLE ${name} (${columns})`)).table })).toEqual([])
  })

  it.each(['app', "o'brien"])('opens a closed schema for user %s', async (user) => {
    const [schema, table] = [newName(), newName()]
    await bench.pool.query(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.${table} (key CHAR(16) PRIMARY KEY, data BYTEA, expiry INTEGER)`,
    )
    const run = await cured({ user, table: `${schema}.${table}` })
    expect(run.map((sql) => sql.split(' ').slice(0, 2).join(' '))).toEqual(['GRANT USAGE', 'GRANT SELECT,'])
    await bench.pool.query(`REVOKE USAGE ON SCHEMA ${schema} FROM "${user}"`)
    expect(await cured({ user, table, options: `-c search_path=${schema}` })).toHaveLength(1)
  })

  it.each(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])('lets a user %s who has no policy for that', async (command) => {
    const others = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].filter((other) => other !== command)
    const { table } = await bench.table(
      (name) =>
        `CREATE TABLE ${name} (key CHAR(16) PRIMARY KEY, data BYTEA, expiry INTEGER); GRANT ALL ON ${name} TO app;` +
        `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY; CREATE POLICY other ON ${name} TO "o'brien" USING (true);` +
        others.map((one) => policy(name, one)).join(''),
    )
    expect(await cured({ user: 'app', table })).toEqual([expect.stringMatching(/^CREATE POLICY/)])
    await bench.pool.query(`DROP POLICY sess ON ${table}; ${policy(table, command)}`)
    await use({ user: 'app', table })
  })

  it.each([true, false])('makes the schema, with createTable: %s', async (createTable) => {
    const run = await cured({ table: `${newName()}.session`, createTable })
    expect(run).toEqual([expect.stringMatching(/^CREATE SCHEMA.*CREATE TABLE/s)])
  })

  it('is none where an older table of that name left its index, or another one has a long name', async () => {
    const table = newName()
    await use({ table, createTable: true })
    await bench.pool.query(`ALTER TABLE ${table} RENAME TO ${table}_old`)
    await use({ table, createTable: true })
    for (const end of ['a', 'b'])
      await use({ table: `customer_portal_production_http_sessions_${end}`, createTable: true })
  })

  it('comes with the true cause', async () => {
    const table = newName()
    await bench.pool.query(`CREATE TYPE ${table} AS ENUM ('a')`)
    await expect(use({ table, createTable: true })).rejects.toThrow(/could not be made \(type .* already exists/)
  })
})
