/**
 * A session that begins when the server puts an end to what it was asked.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Manager, Provider, Storage } from '@sess/core'
import { createManager } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../tools/testing/until.js'

export interface CutOff {
  provider: () => Provider
  /** Lets nobody write into the table until what it gives is called. */
  holdWrites: () => Promise<() => Promise<void>>
  /** How many statements wait for that. */
  waiting: () => Promise<number>
  /** Lets the server end the statements that wait. */
  end: () => Promise<unknown>
}

/** @param name the server */
export function cutOff(name: string, { provider, holdWrites, waiting, end }: CutOff): void {
  describe(`sessions that begin on ${name} when it ends their statements`, () => {
    let manager: Manager
    beforeAll(async () => {
      manager = createManager({ provider: provider(), storeTimeout: 10 })
      await manager.ready()
    })
    afterAll(() => manager.close())

    it.each([1, 5])('are stored all the same (%d at once)', async (count) => {
      const ids = Array.from({ length: count }, () => manager.newIdentity().id)
      const letThem = await holdWrites()
      const stored = Promise.all(ids.map(begin))
      await until(async () => (await waiting()) > 0)
      await end()
      await sleep(200) // until the driver was told
      await letThem()
      await stored
      const found = await Promise.all(ids.map(async (id) => (await manager.load(id))?.get('n')))
      expect(found).toEqual(ids.map(() => 1))
    })

    it('are known again, where the first attempt had stored them', async () => {
      const { storage } = manager.provider as unknown as { storage: Storage }
      const { id } = manager.newIdentity()
      const save = (version: string): unknown => storage.save(id, '{\n}', 600, undefined, version)
      expect(await save('0123456789ab')).toBe('0123456789ab')
      expect(await save('0123456789ab')).toBe('0123456789ab')
      expect(await save('another one!')).toBe(false)
    })

    async function begin(id: string): Promise<void> {
      const store = manager.provider.create(id)
      store.set('n', 1)
      await store.release()
      expect(store.outcome).toBe('saved')
    }
  })
}
