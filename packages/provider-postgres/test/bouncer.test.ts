import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, describe, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { works } from '../../sql/test/cured.js'
import { createTableSql, postgres } from '../src/index.js'
import { Bench } from './support/table.js'

const server = await service('postgres', { own: true })

/** What PgBouncer answers to a setting that it does not know. */
function refusal(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C08P01', 'Munsupported startup parameter: statement_timeout', ''].join('\0')
  const body = Buffer.from(`${fields}\0`)
  const head = Buffer.from('E....')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

describe.skipIf(!server.available)('a proxy that refuses statement_timeout', () => {
  const bench = new Bench(server.url)
  const proxy = createServer((client) => {
    client.on('error', () => undefined)
    client.once('data', (startup) => {
      if (startup.includes('statement_timeout')) return void client.end(refusal())
      const onward = connect(Number(new URL(server.url).port), '127.0.0.1')
      onward.on('error', () => client.destroy())
      onward.write(startup)
      client.pipe(onward).pipe(client)
    })
  })
  afterAll(async () => {
    proxy.close()
    await bench.close()
  })

  it('is asked again without it', async () => {
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const { port } = proxy.address() as AddressInfo
    await works(postgres({ ...(await bench.table(createTableSql)), port }))
  })
})
