import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { statementCounts } from '../../sql/test/statement-counts.js'
import { createTableSql } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench, documented } from './support/table.js'

const server = await service('mariadb', { own: true, config: { 'general-log': true, 'log-output': 'TABLE' } })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('mariadb', () => {
  const bench = new Bench(server.url)
  let options: Options
  beforeAll(async () => {
    options = await bench.table(createTableSql)
  })
  afterAll(() => bench.close())

  async function statements(table: string): Promise<string[]> {
    const rows = await bench.rows(
      `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE command_type = 'Execute' ORDER BY event_time`,
    )
    await bench.pool.query('TRUNCATE mysql.general_log')
    return rows.map(({ text }) => String(text)).filter((text) => text.includes(`\`${table}\``))
  }

  statementCounts(
    (more) => App.start(script, { providerConfig: options, ...more }),
    () => statements(options.table),
    async () => Number((await bench.rows(`SELECT COUNT(*) AS count FROM \`${options.table}\``))[0]!['count']),
  )

  it.each([
    ['ours', createTableSql],
    ['the documented one', documented],
  ])('find their row by the index on %s', async (_, sql) => {
    const { table } = await bench.table(sql)
    await bench.pool.query(`INSERT INTO ${table} SELECT CONCAT('session', seq), 'x', 2000000000 FROM seq_1_to_20000`)
    await bench.pool.query(`ANALYZE TABLE ${table}`)
    const app = await App.start(script, { providerConfig: { ...options, table } })
    const cookie = await app.begin('u')
    await app.get('/set?key=a', cookie)
    await app.get('/login', cookie)
    await statements(table)
    await app.get('/set?key=b', await app.begin('u'))
    await app.stop()
    const texts = (await statements(table)).filter((text) => /^(SELECT|UPDATE)/.test(text))
    expect(texts.length).toBe(2)
    for (const text of texts) {
      const [plan] = await bench.rows(`EXPLAIN ${text}`)
      expect([plan!['key'], Number(plan!['rows'])]).toEqual(['PRIMARY', 1])
    }
  })
})
