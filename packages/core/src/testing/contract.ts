/**
 * One request at a time: what a provider and its stores do.
 * @module
 */
import assert from 'node:assert/strict'
import { claims, EVERY_CLAIM, Skipped } from './fixture.js'
import { begin, find, get, newId, put, valueOf } from './steps.js'
import type { State } from './steps.js'

export function contract(state: State): void {
  state('a second handle stands for another process, unless there can be none', async (fixture) => {
    const { createSecond, inProcess } = fixture.options
    if (createSecond || inProcess) return
    const { merge, gone } = claims(await fixture.provider())
    const message = 'hand in createSecond; or say inProcess: true; or claim neither merge nor gone in capabilities'
    assert.ok(!merge && !gone, message)
  })

  state('capabilities say true or false of what the contract names, and of nothing else', async (fixture) => {
    const { capabilities = {} } = await fixture.provider()
    for (const [name, claim] of Object.entries(capabilities)) {
      assert.ok(
        Object.hasOwn(EVERY_CLAIM, name),
        `capabilities.${name}: expected one of ${Object.keys(EVERY_CLAIM).join(', ')}`,
      )
      assert.equal(typeof claim, 'boolean', `capabilities.${name}: expected true or false`)
    }
  })

  existence(state)
  requests(state)
  releases(state)
  removals(state)
}

function existence(state: State): void {
  state('init needs no more than a lifetime and a config', async (fixture) => {
    const provider = await fixture.providerWithoutContext()
    const id = await begin(provider)
    assert.equal(await valueOf(provider, id, 'n'), 1)
  })

  state('read creates the session when it is missing', async (fixture) => {
    const provider = await fixture.provider()
    const id = newId()
    const store = await provider.read(id)
    assert.equal(store.id, id)
    assert.equal(store.get('n'), undefined)
    assert.equal(await provider.exist(id), true)
  })

  state('exist is false for a missing id, and creates nothing', async (fixture) => {
    const provider = await fixture.provider()
    const id = newId()
    assert.equal(await provider.exist(id), false)
    assert.equal(await provider.exist(id), false)
  })

  state('open gives undefined for a missing id, and creates nothing', async (fixture) => {
    const provider = await fixture.provider()
    if (!provider.open) throw new Skipped('the provider has no open')
    const id = newId()
    assert.equal(await provider.open(id), undefined)
    assert.equal(await provider.exist(id), false)
  })

  state('create stores nothing before release', async (fixture) => {
    const provider = await fixture.provider()
    if (!provider.create) throw new Skipped('the provider has no create')
    const store = provider.create(newId())
    store.set('n', 1)
    assert.equal(await provider.exist(store.id), false)
    await store.release()
    assert.equal(await valueOf(provider, store.id, 'n'), 1)
  })
}

function requests(state: State): void {
  state('a request sees its own changes before release', async (fixture) => {
    const provider = await fixture.provider()
    const store = await get(provider, await begin(provider, { kept: 'kept', gone: 'gone', old: 'old' }))
    store.set('old', 'new')
    store.set('added', true)
    store.delete('gone')
    const seen = ['kept', 'gone', 'old', 'added'].map((key) => store.get(key))
    assert.deepEqual(seen, ['kept', undefined, 'new', true])
  })

  state('nobody else sees a change before release', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { list: [1], n: 1 })
    const store = await get(provider, id)
    store.set('n', 2)
    store.set('added', 1)
    ;(store.get('list') as number[]).push(2)
    const other = await get(provider, id)
    assert.deepEqual([other.get('n'), other.get('added'), other.get('list')], [1, undefined, [1]])
  })

  state('sessions share nothing', async (fixture) => {
    const provider = await fixture.provider()
    const one = await begin(provider, { who: 'one' })
    const other = await begin(provider, { who: 'other', more: 1 })
    assert.equal(await valueOf(provider, one, 'who'), 'one')
    assert.equal(await valueOf(provider, one, 'more'), undefined)
    assert.equal(await valueOf(provider, other, 'who'), 'other')
  })

  state('keys are listed in the order in which they were first set', async (fixture) => {
    const provider = await fixture.provider()
    const store = await provider.read(newId())
    if (!store.keys) throw new Skipped('the provider lists no keys')
    for (const key of ['b', 'a', '10', '9']) store.set(key, 1)
    await store.release()
    await put(provider, store.id, { a: 2, c: 1 })
    const read = await get(provider, store.id)
    assert.deepEqual([...read.keys!()], ['b', 'a', '10', '9', 'c'])
  })
}

function releases(state: State): void {
  state('release has persisted the change when it resolves', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { n: 1, s: 'text' })
    const store = await get(provider, id)
    assert.deepEqual([store.get('n'), store.get('s')], [1, 'text'])
  })

  state('what one instance released, another one reads', async (fixture) => {
    const [one, other] = await fixture.pair()
    const id = await begin(one, { n: 1 })
    assert.equal(await valueOf(other, id, 'n'), 1)
    await put(other, id, { n: 2 })
    assert.equal(await valueOf(one, id, 'n'), 2)
  })

  state('release may be called again after further changes', async (fixture) => {
    const provider = await fixture.provider()
    const store = await provider.read(newId())
    store.set('a', 1)
    await store.release()
    store.set('b', 2)
    await store.release()
    await store.release()
    const read = await get(provider, store.id)
    assert.deepEqual([read.get('a'), read.get('b')], [1, 2])
  })

  state('release without a change writes nothing', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { n: 1 })
    const idle = await get(provider, id)
    assert.equal(idle.get('n'), 1)
    await put(provider, id, { n: 2 })
    await idle.release()
    assert.equal(await valueOf(provider, id, 'n'), 2)
  })
}

function removals(state: State): void {
  state('delete removes a key, and a missing one is no error', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { a: 1, b: 2 })
    const store = await get(provider, id)
    store.delete('a')
    store.delete('never there')
    await store.release()
    const read = await get(provider, id)
    assert.deepEqual([read.get('a'), read.get('b')], [undefined, 2])
  })

  state('the deletion of the last key is persisted, and the session goes on', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { only: 1 })
    const store = await get(provider, id)
    store.delete('only')
    await store.release()
    assert.equal((await get(provider, id)).get('only'), undefined)
  })

  state('flush removes all keys, that is persisted, and the session goes on', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { a: 1, b: 2 })
    const store = await get(provider, id)
    store.flush()
    assert.equal(store.get('a'), undefined)
    store.set('c', 3)
    await store.release()
    const read = await get(provider, id)
    assert.deepEqual([read.get('a'), read.get('b'), read.get('c')], [undefined, undefined, 3])
    read.flush()
    await read.release()
    assert.equal((await get(provider, id)).get('c'), undefined)
  })

  state('destroy removes the session, and a missing one is no error', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider)
    await provider.destroy(id)
    assert.equal(await provider.exist(id), false)
    assert.equal(await find(provider, id), undefined)
    await provider.destroy(id)
    await provider.destroy(newId())
  })

  state('what one instance destroyed is gone for another one', async (fixture) => {
    const [one, other] = await fixture.pair()
    const id = await begin(one)
    assert.deepEqual([await valueOf(one, id, 'n'), await valueOf(other, id, 'n')], [1, 1])
    await other.destroy(id)
    assert.equal(await one.exist(id), false)
    assert.equal(await find(one, id), undefined)
  })
}
