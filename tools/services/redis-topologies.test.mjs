import { describe, expect, it } from 'vitest'
import { ask } from './clients.mjs'
import { waitFor } from './wait.mjs'
import { service } from './vitest.mjs'

const own = { own: true }
const [cluster, sentinel] = await Promise.all([service('redis-cluster', own), service('redis-sentinel', own)])

/** @param {import('./types.js').Server} server @param {string} request */
const tell = ({ port }, request) => ask.redis?.({ port, folder: '' }, request)

describe.skipIf(!cluster.available)('redis-cluster', () => {
  it('has six nodes, one of which owns a key', async () => {
    expect(cluster.addresses).toHaveLength(6)
    const owner = await cluster.masterOf('some key')
    expect(await tell(owner, 'SET "some key" value')).toBe('+OK')
    const others = cluster.servers.filter((server) => server !== owner)
    for (const other of others) expect(await tell(other, 'GET "some key"')).toMatch(/^-MOVED/)
  })

  it('has another owner with the same data after the first was killed', async () => {
    const owner = await cluster.masterOf('some key')
    await owner.kill()
    const next = await cluster.masterOf('some key')
    expect(next).not.toBe(owner)
    // Until the others agree that it is the owner it refuses.
    expect(await waitFor(async () => (await tell(next, 'GET "some key"')) === '$5', { seconds: 5 })).toBe(true)
    await owner.restart()
    expect(await tell(owner, 'PING')).toBe('+PONG')
  })
})

describe.skipIf(!sentinel.available)('redis-sentinel', () => {
  it('has a new master with the same data after the first was killed', async () => {
    const master = await sentinel.master()
    await tell(master, 'SET key value')
    expect(await tell(master, 'WAIT 2 1000')).toBe(':2')
    await master.kill()
    const next = await sentinel.master()
    expect(next).not.toBe(master)
    expect(await tell(next, 'STRLEN key')).toBe(':5')
    expect(sentinel.url).toMatch(/^redis-sentinel:\/\/[\d.:,]+#main$/)
  })
})
