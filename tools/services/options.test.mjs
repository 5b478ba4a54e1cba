import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { ask } from './clients.mjs'
import { makeCertificate } from './tls.mjs'
import { service } from './vitest.mjs'

const tls = await makeCertificate()
const [redis, postgres, mariadb, memcached] = await Promise.all([
  service('redis', { config: { requirepass: 'p@ss', maxmemory: '3mb' }, ...(tls && { tls }) }),
  service('postgres', { config: { max_connections: 7, log_statement: 'all' } }),
  service('mariadb', { config: { sql_mode: 'ANSI', 'default-time-zone': '+05:00' } }),
  service('memcached', { args: ['-I', '2m'] }),
])

afterAll(() => tls?.remove())

/** @param {import('./types.js').Service} server @param {string} request */
const tell = (server, request) =>
  ask[server.name]?.({ port: server.servers[0]?.port ?? 0, folder: server.folder }, request)

describe.skipIf(!redis.available)('redis', () => {
  it('takes a password and settings', async () => {
    expect(new URL(redis.url).password).toBe('p%40ss')
    expect(await tell(redis, 'PING')).toMatch(/^-NOAUTH/)
    expect(await tell(redis, 'AUTH p@ss')).toBe('+OK')
    expect(redis.log()).not.toBe('')
  })

  it.skipIf(!tls)('serves TLS with a certificate that is its own authority', async () => {
    const { port, protocol } = new URL(redis.url)
    expect(protocol).toBe('rediss:')
    const ca = readFileSync(tls?.ca ?? '')
    await new Promise((resolve, reject) => {
      const socket = connect({ port: Number(port), host: '127.0.0.1', ca }, () => resolve(socket.destroy()))
      socket.on('error', reject)
    })
  })
})

describe.skipIf(!postgres.available)('postgres', () => {
  it('takes settings', async () => {
    expect(await tell(postgres, 'SHOW max_connections')).toBe('7')
    expect(postgres.log()).toContain('SHOW max_connections')
  })
})

describe.skipIf(!mariadb.available)('mariadb', () => {
  it('takes settings', async () => {
    expect(await tell(mariadb, 'SELECT @@time_zone')).toBe('+05:00')
    expect(await tell(mariadb, 'SELECT @@sql_mode')).toContain('ANSI_QUOTES')
  })
})

describe.skipIf(!memcached.available)('memcached', () => {
  it('takes arguments', async () => {
    expect(await tell(memcached, 'version')).toMatch(/^VERSION/)
  })
})
