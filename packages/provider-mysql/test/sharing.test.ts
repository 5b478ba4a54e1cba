import type { Provider } from '@sess/core'
import type { Statement } from '@sess/sql'
import type { ResultSetHeader } from 'mysql2'
import { afterAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { sharing } from '../../sql/test/sharing.js'
import { createTableSql, mysql } from '../src/index.js'
import { MysqlSql } from '../src/sql.js'
import { Bench, OURS, SCHEMAS } from './support/table.js'

// Not strict, so that nothing counts on an error which the server then makes a warning.
const settings = { 'sql-mode': '', 'max-allowed-packet': '1M' }

const server = await service('mariadb', { own: true, config: settings })

describe.skipIf(!server.available)('a statement that several updates share', () => {
  const bench = new Bench(server.url)
  afterAll(() => bench.close())
  const run = async ({ text, values }: Statement): Promise<number> =>
    (await bench.pool.execute<ResultSetHeader>(text, values as never))[0].affectedRows

  it('changes none where one of them is gone, or has another version', async () => {
    const { table } = await bench.table(createTableSql)
    const sql = new MysqlSql({ ...OURS, name: table })
    const fine = { id: 'fine', data: Buffer.from('2\n'), ttl: 600, version: Buffer.from('1\n') }
    await run(sql.create({ ...fine, data: fine.version }))
    await run(sql.create({ ...fine, id: 'other', data: Buffer.from('3\n') }))
    expect(await run(sql.updateAll([fine, { ...fine, id: 'gone' }]))).toBe(0)
    await expect(run(sql.updateAll([fine, { ...fine, id: 'other' }]))).rejects.toMatchObject({ errno: 1690 })
    expect(await bench.rows(`SELECT data FROM ${table} WHERE \`key\` = 'fine'`)).toEqual([{ data: fine.version }])
    expect(await run(sql.updateAll([fine, { ...fine, id: 'other', version: Buffer.from('3\n') }]))).toBe(2)
  })

  it.each([3, 5, 31])('changes %d of them, each to its own data', async (length) => {
    const { table } = await bench.table(createTableSql)
    const sql = new MysqlSql({ ...OURS, name: table })
    const ids = Array.from({ length }, (_, n) => `id${String(n).padStart(2, '0')}`)
    const version = Buffer.from('1\n')
    for (const id of ids) await run(sql.create({ id, data: version, ttl: 600 }))
    const updates = ids.map((id) => ({ id, data: Buffer.from(`2\n${id}`), ttl: 600, version }))
    expect(sql.updateGroups(updates)).toEqual([updates])
    const stale = updates.map((update, n) => (n === 2 ? { ...update, version: Buffer.from('9\n') } : update))
    await expect(run(sql.updateAll(stale))).rejects.toMatchObject({ errno: 1690 })
    expect(await run(sql.updateAll(updates))).toBe(length)
    const rows = await bench.rows(`SELECT \`key\`, data FROM ${table} ORDER BY \`key\``)
    expect(rows).toEqual(updates.map(({ id, data }) => ({ key: id, data })))
  })
})

describe.each([
  ['REPEATABLE-READ', 'utf8mb4'],
  ['READ-COMMITTED', 'latin1'],
])('saves that share a statement, %s and %s', async (isolation, charset) => {
  const server = await service('mariadb', { own: true, config: { ...settings, 'transaction-isolation': isolation } })

  describe.skipIf(!server.available).each(SCHEMAS)('on %s', (schema, sql) => {
    const bench = new Bench(server.url)
    afterAll(() => bench.close())

    sharing(`mariadb, ${schema}`, {
      async table() {
        const options = await bench.table(sql)
        const { table } = options
        for (const event of ['INSERT', 'UPDATE']) {
          await bench.pool.query(
            `CREATE TRIGGER ${table}_${event} BEFORE ${event} ON ${table} FOR EACH ROW
            IF LOCATE('poison', NEW.data) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF`,
          )
        }
        return {
          provider: (): Provider => mysql({ ...options, charset }),
          expire: (id) => bench.pool.query(`UPDATE ${table} SET expiry = 1 WHERE \`key\` = '${id}'`),
        }
      },
      async deadlocks() {
        const [row] = await bench.rows(
          `SELECT variable_value AS n FROM information_schema.global_status WHERE variable_name = 'Innodb_deadlocks'`,
        )
        return Number(row!['n'])
      },
      tooLong: 2 ** 20,
    })
  })
})
