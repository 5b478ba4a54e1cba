/**
 * A storage by itself: records that go, and records that move.
 * @module
 */
import assert from 'node:assert/strict'
import { newId, parallel } from './steps.js'
import type { State } from './steps.js'
import { load, save, saved, TTL } from './storage.js'

export function storageMoves(state: State): void {
  removing(state)
  renaming(state)
}

function removing(state: State): void {
  state('remove removes the record, and a missing one is no error', async (fixture) => {
    const store = await fixture.storage()
    const { id } = await saved(store)
    await store.remove(id)
    await store.remove(id)
    assert.equal(await store.load(id), undefined)
    assert.equal(await store.exists(id), false)
  })

  state('what one handle removed is gone for the other one', async (fixture) => {
    const [one, other] = await fixture.storages()
    const { id } = await saved(one)
    assert.ok(await other.load(id))
    await other.remove(id)
    assert.equal(await one.load(id), undefined)
    assert.equal(await one.exists(id), false)
  })

  state('touch never makes a record', async (fixture) => {
    const store = await fixture.storage()
    const { id } = await saved(store)
    await store.remove(id)
    assert.equal(await store.touch(id, TTL), false)
    assert.equal(await store.exists(id), false)
  })

  state('loading with a time to live never makes a record', async (fixture) => {
    const store = await fixture.storage()
    const { id } = await saved(store)
    await store.remove(id)
    assert.equal(await store.load(id, TTL), undefined)
    assert.equal(await store.exists(id), false)
  })

  state('a removal in the midst of saves and touches is final', async (fixture) => {
    const [one, other] = await fixture.storages()
    for (let round = 0; round < fixture.options.rounds; round++) {
      const { id, version } = await saved(one)
      await Promise.all([
        ...Array.from({ length: 5 }, (_, i) => save(i % 2 ? one : other, id, `{\n"n":${i}\n}`, version)),
        other.remove(id),
        one.touch(id, TTL),
        one.load(id, TTL),
      ])
      await other.touch(id, TTL)
      await save(one, id, '{\n}', version)
      assert.equal(await one.exists(id), false)
    }
  })
}

function renaming(state: State): void {
  state('rename moves the record', async (fixture) => {
    const store = await fixture.storage()
    const { id } = await saved(store, '{\n"moved":true\n}')
    const to = newId()
    assert.equal(await store.rename(id, to, TTL), true)
    assert.equal((await load(store, to)).data, '{\n"moved":true\n}')
    assert.notEqual(await save(store, to, '{\n"n":2\n}', (await load(store, to)).version), false)
  })

  state('rename leaves nothing under the old id', async (fixture) => {
    const [one, other] = await fixture.storages()
    const { id, version } = await saved(one)
    await one.rename(id, newId(), TTL)
    assert.equal(await other.load(id), undefined)
    assert.equal(await one.exists(id), false)
    assert.equal(await save(one, id, '{\n}', version), false)
    assert.equal(await other.touch(id, TTL), false)
  })

  state('rename of an absent record gives false, and makes none', async (fixture) => {
    const store = await fixture.storage()
    const to = newId()
    assert.equal(await store.rename(newId(), to, TTL), false)
    assert.equal(await store.exists(to), false)
  })

  state('rename onto an id that is taken is an error, and both records stay', async (fixture) => {
    const store = await fixture.storage()
    const from = await saved(store, '{\n"from":1\n}')
    const to = await saved(store, '{\n"to":1\n}')
    await assert.rejects(async () => store.rename(from.id, to.id, TTL))
    assert.equal((await load(store, from.id)).data, '{\n"from":1\n}')
    assert.equal((await load(store, to.id)).data, '{\n"to":1\n}')
  })

  state('of two renames of one record, one moves it', async (fixture) => {
    const stores = await fixture.storages()
    for (let round = 0; round < fixture.options.rounds; round++) {
      const { id } = await saved(stores[0])
      const targets = [newId(), newId()]
      const moved = await parallel(2, async (i) => stores[i]!.rename(id, targets[i]!, TTL))
      const there = await parallel(2, async (i) => stores[0].exists(targets[i]!))
      assert.deepEqual(there, moved)
      assert.equal(there.filter(Boolean).length, 1, 'both renames moved the record, or none')
    }
  })

  state('a save and a rename at once lose nothing: who comes second is told', async (fixture) => {
    const [one, other] = await fixture.storages()
    for (let round = 0; round < fixture.options.rounds; round++) {
      const { id, version } = await saved(one)
      const to = newId()
      const [written, moved] = await Promise.all([save(one, id, '{\n"n":2\n}', version), other.rename(id, to, TTL)])
      assert.equal(moved, true)
      assert.equal(await one.exists(id), false)
      assert.equal((await load(one, to)).data, written === false ? '{\n"n":1\n}' : '{\n"n":2\n}')
    }
  })
}
