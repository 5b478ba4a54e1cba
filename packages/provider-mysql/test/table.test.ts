import { createManager } from '@sess/core'
import type { Provider } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { cured as curedBy, works } from '../../sql/test/cured.js'
import { mysql } from '../src/index.js'
import { Bench, newName } from './support/table.js'

const server = await service('mariadb', { own: true })
const USERS = ['noone', "o'brien"]

describe.skipIf(!server.available)('the SQL that an error prints', () => {
  const bench = new Bench(server.url)
  afterAll(() => bench.close())
  beforeAll(async () => {
    for (const user of USERS) {
      await bench.pool.query('CREATE USER ?@"127.0.0.1"', [user])
      await bench.pool.query('CREATE TABLE IF NOT EXISTS seen (n INT)')
      await bench.pool.query('GRANT SELECT ON seen TO ?@"127.0.0.1"', [user])
    }
  })

  const provide = (config: object): Provider => mysql({ ...bench.options, ...config })
  const use = (config: object): Promise<void> => works(provide(config))
  const cured = (config: object): Promise<string[]> =>
    curedBy(
      () => provide(config),
      (sql) => bench.pool.query(sql),
    )

  it.each([
    ['a column missing', '`key` CHAR(16) PRIMARY KEY, data BLOB', /ADD COLUMN `expiry`/],
    ['two columns missing', 'expiry INT', /ADD COLUMN `key`.*ADD COLUMN `data`/],
    ['another primary key', 'id INT AUTO_INCREMENT PRIMARY KEY, `key` CHAR(16), data BLOB, expiry INT', /ADD UNIQUE/],
    [
      'a primary key of two columns',
      '`key` CHAR(16), other INT, data BLOB, expiry INT, PRIMARY KEY (`key`, other)',
      /ADD UNIQUE.*DROP PRIMARY KEY/s,
    ],
    ['data that is text', '`key` CHAR(16) PRIMARY KEY, data TEXT NOT NULL, expiry INT', /MODIFY `data`/],
    [
      'a column that wants a value',
      '`key` CHAR(16) PRIMARY KEY, data BLOB, expiry INT, `My app` INT UNSIGNED NOT NULL',
      /MODIFY `My app` int\(10\) unsigned NULL/,
    ],
  ])('cures %s', async (_, columns, expected) => {
    const { table } = await bench.table((name) => `CREATE TABLE ${name} (${columns})`)
    expect((await cured({ table })).join('\n')).toMatch(expected)
  })

  it.each(USERS)('lets user %s in, who sees no table, or may do only a part', async (user) => {
    const { table } = await bench.table(
      (name) => `CREATE TABLE ${name} (\`key\` CHAR(16) PRIMARY KEY, data BLOB, expiry INT)`,
    )
    expect(await cured({ user, table })).toEqual([expect.stringMatching(/CREATE TABLE IF NOT EXISTS.*GRANT SELECT/s)])
    await bench.pool.query(`REVOKE SELECT ON ${table} FROM ?@"127.0.0.1"`, [user])
    await expect(use({ user, table })).rejects.toThrow(/may not SELECT/)
    expect(await cured({ user, table })).toEqual([expect.stringMatching(/^GRANT SELECT/)])
    const missing = { user, table: newName(), createTable: true }
    expect(await cured(missing)).toEqual([expect.stringMatching(/CREATE TABLE IF NOT EXISTS.*GRANT SELECT/s)])
  })

  it.each([true, false])('makes the database, with createTable: %s', async (createTable) => {
    const run = await cured({ table: `${newName()}.session`, createTable })
    expect(run).toEqual([expect.stringMatching(/^CREATE DATABASE IF NOT EXISTS.*CREATE TABLE/s)])
  })

  it.each([true, false])('is none where no database is named, with createTable: %s', async (createTable) => {
    const { database: _, ...options } = bench.options
    const manager = createManager({ provider: mysql({ ...options, createTable }) })
    await expect(manager.ready()).rejects.toThrow(/option database: expected one, or table as database.name/)
    await manager.close()
  })
})
