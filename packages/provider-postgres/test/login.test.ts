import { join } from 'node:path'
import { createManager } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { createTableSql, postgres } from '../src/index.js'
import type { Options } from './support/table.js'
import { Bench } from './support/table.js'

const server = await service('postgres', { own: true, config: { log_connections: 'on' } })

describe.skipIf(!server.available)('a log-in that fails on our side', () => {
  const bench = new Bench(server.url)
  let options: Options
  afterAll(() => bench.close())

  beforeAll(async () => {
    options = { ...(await bench.table(createTableSql)), user: 'secured' }
    await bench.pool.query(`CREATE USER secured PASSWORD 'the-password'; GRANT ALL ON ${options.table} TO secured`)
    const lines = ['host all secured 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust']
    const sql = lines.map((line) => `SELECT '${line}'`).join(' UNION ALL ')
    await bench.pool.query(`COPY (${sql}) TO '${join(server.folder, 'data/pg_hba.conf')}'`)
    await bench.pool.query('SELECT pg_reload_conf()')
    await new Promise((done) => setTimeout(done, 200))
  })

  const logged = (text: string): number => server.log().split(text).length - 1

  it.each([
    ['no password where one is needed', undefined, /password must be a string/],
    ['a password function that rejects', () => Promise.reject(new Error('the token service is away')), /token service/],
    ['a password function that gives no text', (() => Promise.resolve(5)) as never, /password/i],
  ])('ends its connection, and is not tried again: %s', async (_, password, message) => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const manager = createManager({
      provider: postgres({ ...options, ...(password && { password }) }),
      storeTimeout: 2,
    })
    const before = [sockets(), logged('connection received')] as const
    for (let i = 0; i < 5; i++) await expect(manager.load(manager.newIdentity().id)).rejects.toThrow(message)
    await new Promise((done) => setTimeout(done, 100))
    expect(logged('connection received') - before[1]).toBe(5)
    expect(sockets()).toBe(before[0])
    await manager.close()
  })
})
