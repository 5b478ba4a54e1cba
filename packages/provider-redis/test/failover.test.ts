import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Storage } from '@sess/core'
import { service } from '../../../tools/services/vitest.mjs'
import { App } from '../../../tools/testing/app.js'
import { Load } from '../../../tools/testing/load.js'
import { expectNothingLost, settled } from './failover.js'
import { newId, sleep, storageOn } from './support.js'

const cluster = await service('redis-cluster', { own: true })
const script = new URL('app.mjs', import.meta.url)

describe.skipIf(!cluster.available)('a cluster of six', () => {
  let app: App
  let storage: Storage
  const config = cluster.available ? `ha_mode=cluster,addr=${cluster.addresses.join('|')}` : ''
  beforeAll(async () => {
    app = await App.start(script, { providerConfig: config, storeTimeout: 3 })
    storage = await storageOn(config)
  })
  afterAll(async () => {
    await storage.close!()
    await app.stop()
  })

  it('counts on every master', async () => {
    const counted = await storageOn(`${config},prefix=count*:`)
    await Promise.all(Array.from({ length: 60 }, async () => counted.save(newId(), '{\n}', 60, undefined, newId())))
    expect(await counted.count()).toBe(60)
    await counted.close!()
  })

  it('leaves one living id when a session moves while others write to it', async () => {
    for (let round = 0; round < 30; round++) {
      const [from, to] = [newId(), newId()]
      await storage.save(from, '{\n"n":0\n}', 60, undefined, 'v0')
      let version = 'v0'
      let written = 0
      const writing = (async () => {
        for (;;) {
          const next = newId()
          if ((await storage.save(from, `{\n"n":${written + 1}\n}`, 60, version, next)) === false) return
          written++
          version = next
        }
      })()
      await sleep(Math.random() * 3)
      expect(await storage.rename(from, to, 60)).toBe(true)
      await writing
      expect(await storage.exists(from)).toBe(false)
      expect((await storage.load(to))!.data).toBe(`{\n"n":${written}\n}`)
    }
  })

  it('leaves no id when a session ends while it moves', async () => {
    for (let round = 0; round < 50; round++) {
      const [from, to] = [newId(), newId()]
      await storage.save(from, '{\n}', 60, undefined, 'v0')
      const [moved] = await Promise.all([
        storage.rename(from, to, 60),
        sleep(Math.random()).then(() => storage.remove(from)),
      ])
      expect(await storage.exists(from)).toBe(false)
      expect(await storage.exists(to)).toBe(moved)
    }
  })

  it.each(['pause', 'kill'] as const)(
    'goes on after the %s of a master under load, and nothing is lost',
    async (end) => {
      const cookie = await app.begin('me')
      await app.get('/set?key=before', cookie)
      const load = await Load.start(app, 30)
      await sleep(300)
      const id = createHash('sha256').update(cookie.split('=')[1]!).digest('base64url').slice(0, 16)
      const owner = await cluster.masterOf(`session:${id}`)
      const start = Date.now()
      await owner[end]()
      await settled(app, cookie, load)
      console.log(`cluster, ${end} of the owner: ${load.summary()}, settled after ${Date.now() - start} ms`)
      await expectNothingLost(app, cookie, load)
      if (end === 'pause') await owner.resume()
    },
  )

  it('that is not there is an error that says why', async () => {
    await expect(storageOn('ha_mode=cluster,addr=127.0.0.1:1', [], 1)).rejects.toThrow('slots')
  })
})
