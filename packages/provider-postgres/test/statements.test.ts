import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { statementCounts } from '../../sql/test/statement-counts.js'
import { createTableSql } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench, documented } from './support/table.js'

const server = await service('postgres', { own: true, config: { log_statement: 'all' } })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!server.available)('postgres', () => {
  const bench = new Bench(server.url)
  let options: Options
  let seen = 0
  beforeAll(async () => {
    options = await bench.table(createTableSql)
  })
  afterAll(() => bench.close())

  async function taken(): Promise<string[]> {
    await sleep(50) // until the log is written
    const log = server.log()
    const fresh = log.slice(seen)
    seen = log.length
    const statements = Array.from(
      fresh.matchAll(/LOG: {2}(?:execute \S+|statement): (.*)/g),
      ([, statement]) => statement!,
    )
    return statements.filter((statement) => statement.includes(`"${options.table}"`) && !statement.includes('count('))
  }

  statementCounts(
    (more) => App.start(script, { providerConfig: options, ...more }),
    taken,
    async () => Number((await bench.rows(`SELECT count(*) FROM "${options.table}"`))[0]!['count']),
  )

  it.each([
    ['ours', createTableSql],
    ['the documented one', documented],
  ])('find their row by the index on %s', async (_, sql) => {
    const { table } = await bench.table(sql)
    await bench.pool.query(
      `INSERT INTO ${table} SELECT 'session' || n, 'x', 2000000000 FROM generate_series(1, 20000) n`,
    )
    await bench.pool.query(`ANALYZE ${table}`)
    const app = await App.start(script, { providerConfig: { ...options, table } })
    await app.get('/set?key=a', await app.begin('u'))
    await app.stop()
    const texts = [
      ...new Set(server.log().match(new RegExp(`(SELECT|UPDATE)[^\\n]*"${table}"[^\\n]*key" = [^\\n]*`, 'g'))),
    ]
    expect(texts.length).toBe(2)
    for (const text of texts) {
      const parameters = text.startsWith('SELECT') ? "'{session7,session8}'" : "'session7', 'x', 600, 'x'"
      const client = await bench.pool.connect()
      await client.query('DEALLOCATE ALL')
      await client.query(`PREPARE p AS ${text}`)
      const plan = (await client.query(`EXPLAIN EXECUTE p(${parameters})`)).rows as Record<string, string>[]
      client.release()
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index Scan|Bitmap Index Scan/)
    }
  })
})
