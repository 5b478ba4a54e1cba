/**
 * Another id for a session.
 * @module
 */
import assert from 'node:assert/strict'
import { onlyIfClaimed } from './fixture.js'
import { begin, find, get, newId, parallel, valueOf } from './steps.js'
import type { State } from './steps.js'

export function regenerate(state: State): void {
  state('regenerate keeps the data under the new id', async (fixture) => {
    const provider = await fixture.provider()
    const id = newId()
    const store = await provider.regenerate(await begin(provider, { a: 1, b: [2] }), id)
    assert.equal(store.id, id)
    assert.deepEqual([store.get('a'), store.get('b')], [1, [2]])
    const read = await get(provider, id)
    assert.deepEqual([read.get('a'), read.get('b')], [1, [2]])
  })

  state('the old id is dead when regenerate resolves', async (fixture) => {
    const provider = await fixture.provider()
    const old = await begin(provider)
    await provider.regenerate(old, newId())
    assert.equal(await provider.exist(old), false)
    assert.equal(await find(provider, old), undefined)
  })

  state('the old id is dead for another process when regenerate resolves', async (fixture) => {
    const [one, other] = await fixture.pair()
    const old = await begin(other)
    assert.equal(await valueOf(other, old, 'n'), 1)
    const { id } = await one.regenerate(old, newId())
    assert.equal(await other.exist(old), false)
    assert.equal(await find(other, old), undefined)
    assert.equal(await valueOf(other, id, 'n'), 1)
  })

  state('the store that regenerate gives can be changed and released', async (fixture) => {
    const provider = await fixture.provider()
    const store = await provider.regenerate(await begin(provider, { n: 1, kept: true }), newId())
    store.set('n', 2)
    await store.release()
    const read = await get(provider, store.id)
    assert.deepEqual([read.get('n'), read.get('kept')], [2, true])
  })

  state('regenerate of a missing id gives an empty store under the new id', async (fixture) => {
    const provider = await fixture.provider()
    const old = newId()
    const store = await provider.regenerate(old, newId())
    assert.equal(store.get('n'), undefined)
    store.set('n', 1)
    await store.release()
    assert.equal(await valueOf(provider, store.id, 'n'), 1)
    assert.equal(await provider.exist(old), false)
  })

  state('regenerate never overwrites a session that has the new id', async (fixture) => {
    const provider = await fixture.provider()
    const taken = await begin(provider, { who: 'there before' })
    const old = await begin(provider, { who: 'moving in' })
    await assert.rejects(provider.regenerate(old, taken))
    assert.equal(await valueOf(provider, taken, 'who'), 'there before')
  })

  state('of two regenerations at once, one gets the data', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'gone')
    const old = await begin(provider, { n: 1 })
    const stores = await parallel(2, () => provider.regenerate(old, newId()))
    const withData = stores.filter((store) => store.get('n') === 1)
    assert.equal(withData.length, 1, `${withData.length} of 2 got the data`)
    assert.equal(await provider.exist(old), false)
  })
}
