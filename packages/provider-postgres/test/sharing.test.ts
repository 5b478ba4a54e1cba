import type { Provider } from '@sess/core'
import { createManager } from '@sess/core'
import { afterAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { sharing } from '../../sql/test/sharing.js'
import { createTableSql, postgres } from '../src/index.js'
import { Bench, SCHEMAS } from './support/table.js'

const server = await service('postgres', { own: true })

const refusePoison = (table: string): string => `
  CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF position('poison'::bytea IN NEW.data) > 0 THEN RAISE EXCEPTION 'poison'; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`

describe.skipIf(!server.available)('postgres', () => {
  const bench = new Bench(server.url)
  afterAll(() => bench.close())

  describe.each(SCHEMAS)('saves that share a statement, on %s', (schema, sql) => {
    sharing(`postgres, ${schema}`, {
      async table() {
        const options = await bench.table(sql)
        const { table } = options
        await bench.pool.query(refusePoison(table))
        return {
          provider: (): Provider => postgres(options),
          expire: (id) => bench.pool.query(`UPDATE ${table} SET expiry = 1 WHERE key = '${id}'`),
        }
      },
      async deadlocks() {
        const [row] = await bench.rows('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
        return Number(row!['deadlocks'])
      },
    })
  })

  it('lets nobody wait for a row that somebody locked but who saves that row', async () => {
    const options = await bench.table(createTableSql)
    const manager = createManager({ provider: postgres(options), storeTimeout: 1 })
    await manager.ready()
    const stores = Array.from({ length: 5 }, () => manager.provider.create(manager.newIdentity().id))
    for (const store of stores) store.set('n', 1)
    await Promise.all(stores.map((store) => store.release()))
    const client = await bench.pool.connect()
    await client.query(`BEGIN; SELECT FROM ${options.table} WHERE key = '${stores[2]!.id}' FOR UPDATE`)
    for (const store of stores) store.set('n', 2)
    const outcomes = await Promise.allSettled(stores.map((store) => store.release()))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    await client.query('ROLLBACK')
    client.release()
    await manager.close()
  })
})
