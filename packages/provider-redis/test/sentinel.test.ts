import type { Storage } from '@sess/core'
import type { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { Load } from '../../../tools/testing/load.js'
import { until } from '../../../tools/testing/until.js'
import { expectNothingLost, settled } from './failover.js'
import { admin, newId, sleep, storageOn } from './support.js'

const sentinel = await service('redis-sentinel', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!sentinel.available)('a master with sentinels', () => {
  const { addresses = [], masterName = '' } = sentinel.available ? sentinel : {}
  const config = `ha_mode=sentinel,master_name=${masterName},sentinel_addrs=${addresses.join('|')}`
  const watchers = addresses.map((address) => admin(Number(address.split(':')[1])))
  const silent = sentinel.available ? sentinel.servers.find(({ name }) => name.startsWith('sentinel'))! : undefined!
  afterAll(() => watchers.forEach((watcher) => watcher.disconnect()))

  /** When a sentinel first told that there is another master. */
  async function switched(): Promise<number> {
    const ears = watchers.map((watcher) => watcher.duplicate())
    const told = ears.map(async (ear) => {
      await ear.subscribe('+switch-master')
      await new Promise((done) => ear.once('message', done))
    })
    await Promise.any(told)
    for (const ear of ears) ear.disconnect()
    return performance.now()
  }

  /** Creates and ends sessions until it is told to end, and says what was confirmed of what was asked for, and when. */
  function traffic(storage: Storage, toEnd: string[]): () => Promise<{ created: Asked[]; ended: Asked[] }> {
    const [created, ended]: [Asked[], Asked[]] = [[], []]
    let over = false
    const note = async (list: Asked[], id: string, asked: unknown): Promise<void> => {
      const at = performance.now()
      await Promise.resolve(asked).then(
        () => void list.push({ id, at }),
        () => undefined,
      )
    }
    const going = (async () => {
      while (!over) {
        const id = newId()
        await note(created, id, storage.save(id, '{\n}', 600, undefined, newId()))
        const last = toEnd.pop()
        if (last) await note(ended, last, storage.remove(last))
        await sleep(5)
      }
    })()
    return async () => {
      over = true
      await going
      return { created, ended }
    }
  }
  interface Asked {
    id: string
    at: number
  }

  const ways = {
    'an operator tells them to': async (): Promise<() => Promise<void>> => {
      await watchers[0]!.call('SENTINEL', 'FAILOVER', masterName)
      return () => Promise.resolve()
    },
    'it is silent and comes back': async (): Promise<() => Promise<void>> => {
      const master = await sentinel.master()
      await master.pause()
      return () => master.resume()
    },
  }

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    'writes to the new one at once when %s',
    async (way) => {
      const storage = await storageOn(config, [], 5)
      const ids = Array.from({ length: 900 }, newId)
      for (const id of ids) await storage.save(id, '{\n}', 600, undefined, newId())
      await watchersHeard()
      const end = traffic(storage, [...ids])
      const when = switched()
      const back = await ways[way]()
      const start = await when
      await sleep(800)
      await back()
      await sleep(1500)
      const { created, ended } = await end()
      await storage.close!()
      const master = admin((await sentinel.master()).port)
      const isSince = ({ at }: Asked): boolean => at > start + 150 // on a busy machine we hear late
      const [later, over] = [created.filter(isSince), ended.filter(isSince)]
      const count = async (asked: Asked[], there: number): Promise<number> =>
        (await Promise.all(asked.map(({ id }) => master.exists(`session:${id}`)))).filter((n) => n === there).length
      const [lost, undone] = [await count(later, 0), await count(over, 1)]
      const all = await count(created, 0)
      console.log(
        `${way}: created ${created.length}, lost ${all}; since it was told created ${later.length}, lost ${lost}`,
      )
      master.disconnect()
      expect(later.length).toBeGreaterThan(50)
      expect({ lost, undone }).toEqual({ lost: 0, undone: 0 })
    },
    60_000,
  )

  /** A failover needs two sentinels that see each other, and the replicas of the last one. */
  async function watchersHeard(): Promise<void> {
    const isReady = async (watcher: Redis): Promise<boolean> =>
      (await watcher.info('sentinel')).includes('status=ok') &&
      !String(await watcher.call('SENTINEL', 'REPLICAS', masterName)).includes('disconnected') &&
      !String(await watcher.call('SENTINEL', 'REPLICAS', masterName)).includes('master-link-status,err')
    await until(async () => (await Promise.all(watchers.map(isReady))).every(Boolean), 20_000)
  }

  it('is found though one sentinel is silent, whichever it is', async () => {
    await silent.pause()
    const reports: Error[] = []
    try {
      for (let n = 0; n < 3; n++) {
        const rotated = [...addresses.slice(n), ...addresses.slice(0, n)]
        const storage = await storageOn(
          { haMode: 'sentinel', masterName, sentinelAddrs: rotated, poolSize: 4 },
          reports,
          2,
        )
        for (let i = 0; i < 8; i++) expect(await storage.exists(newId())).toBe(false)
        await cutAgainAndAgain(storage, 4)
        await storage.close!()
      }
    } finally {
      await silent.resume()
    }
    expect(reports).toEqual([])
  })

  it('is not reported as away when its connections are cut', async () => {
    const reports: Error[] = []
    const storage = await storageOn(config, reports, 2)
    await cutAgainAndAgain(storage, 9)
    await storage.close!()
    expect(reports).toEqual([])
  })

  async function cutAgainAndAgain(storage: Storage, times: number): Promise<void> {
    const master = admin((await sentinel.master()).port)
    for (let i = 0; i < times; i++) {
      for (const [, id] of String(await master.client('LIST')).matchAll(/id=(\d+) .* name=sess /g))
        await master.client('KILL', 'ID', id!) // the sentinels' own connections stay
      await sleep(20)
      for (let k = 0; k < 3; k++) expect(await storage.exists(newId())).toBe(false)
    }
    master.disconnect()
  }

  it('leaves nothing open when it is closed', async () => {
    const clients = async (): Promise<string> => String(await watchers[1]!.client('LIST'))
    const storage = await storageOn(config)
    await until(async () => (await clients()).includes('name=sess'))
    await storage.close!()
    await until(async () => !(await clients()).includes('name=sess'))
  })

  it('goes on when the master is killed under load, and nothing is lost', async () => {
    const app = await App.start(script, { providerConfig: config })
    const cookie = await app.begin('me')
    await app.get('/set?key=before', cookie)
    const load = await Load.start(app, 30)
    await sleep(300)
    const start = Date.now()
    await (await sentinel.master()).kill()
    await settled(app, cookie, load)
    console.log(`sentinel, master killed: ${load.summary()}, settled after ${Date.now() - start} ms`)
    await expectNothingLost(app, cookie, load)
    await app.stop()
  })

  it('that is not there is an error that says why', async () => {
    const away = 'ha_mode=sentinel,master_name=main,sentinel_addrs=127.0.0.1:1'
    await expect(storageOn(away, [], 1)).rejects.toThrow('All sentinels are unreachable')
    const other = `ha_mode=sentinel,master_name=other,sentinel_addrs=${addresses[0]}`
    await expect(storageOn(other, [], 1)).rejects.toThrow('other')
  })
})
