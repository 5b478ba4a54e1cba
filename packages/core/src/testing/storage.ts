/**
 * A storage by itself: load, and save on condition.
 * @module
 */
import assert from 'node:assert/strict'
import { isPromise } from '../awaitable.js'
import type { Loaded, Storage, Version } from '../storage.js'
import { newVersion } from '../token.js'
import { Skipped } from './fixture.js'
import { newId, parallel } from './steps.js'
import type { State } from './steps.js'

/** Seconds; longer than any sentence takes. */
export const TTL = 3600

/** Texts that a store might not give back as they were. Lone surrogates never get here: JSON escapes them. */
const TEXTS = [
  '{\n}',
  '{\n"a":1\n}',
  '{\n"a":"\u2028\u2029\u0085é e\u0301 😀 世界 \ufeff\ufffd\u007f \\u0000 \\\\ \' %s $1"\n}',
  `{\n"big":"${'0123456789'.repeat(20_000)}"\n}`,
]

export function storage(state: State): void {
  state('an absent record is undefined, false or nothing to do, and is not made', async (fixture) => {
    const store = await fixture.storage()
    const id = newId()
    assert.equal(await store.load(id), undefined)
    assert.equal(await store.load(id, TTL), undefined)
    assert.equal(await store.touch(id, TTL), false)
    await store.remove(id)
    assert.equal(await store.rename(id, newId(), TTL), false)
    assert.equal(await store.exists(id), false)
  })

  state('load gives the text exactly as it was saved', async (fixture) => {
    const store = await fixture.storage()
    for (const data of TEXTS) {
      const { id } = await saved(store, data)
      const loaded = await load(store, id)
      assert.ok(loaded.data === data, `saved ${data.length} characters, loaded ${loaded.data.length} that differ`)
      assert.equal(await store.exists(id), true)
    }
  })

  state('load and save of a storage that declares isImmediate answer without a promise', async (fixture) => {
    const store = await fixture.storage()
    if (!store.isImmediate) throw new Skipped('the storage does not declare it')
    const id = newId()
    const answers = [store.load(id), store.save(id, '{\n}', TTL, undefined, newVersion()), store.load(id)]
    assert.deepEqual(answers.map(isPromise), [false, false, false])
  })

  state('the text of a session is JSON that others can read', async (fixture) => {
    const { provider, storage: store } = await fixture.providerOnStorage()
    const session = await provider.read(newId())
    session.set('user', { id: 7 })
    session.set('n', 1)
    await session.release()
    assert.deepEqual(JSON.parse((await load(store, session.id)).data), { user: { id: 7 }, n: 1 })
  })

  state('expiresAt, where it is told, is the time to live from now', async (fixture) => {
    const store = await fixture.storage()
    const { id } = await saved(store)
    const { expiresAt } = await load(store, id)
    if (expiresAt === undefined) return
    const difference = (expiresAt - fixture.now()) / 1000 - TTL
    assert.ok(
      Math.abs(difference) < 2 + fixture.options.granularity,
      `it is ${difference} s away from the time to live`,
    )
  })

  conditions(state)
  versions(state)
}

function conditions(state: State): void {
  state('save on the version that the store holds writes', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    assert.notEqual(await save(store, id, '{\n"n":2\n}', version), false)
    assert.equal((await load(store, id)).data, '{\n"n":2\n}')
  })

  state('save on an older version gives false, and writes nothing', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    await save(store, id, '{\n"n":2\n}', version)
    assert.equal(await save(store, id, '{\n"n":3\n}', version), false)
    assert.equal((await load(store, id)).data, '{\n"n":2\n}')
  })

  state('save of a new record gives false where there is one, and writes nothing', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    assert.equal(await save(store, id, '{\n"n":2\n}', undefined), false)
    assert.deepEqual(await load(store, id).then(essence), { data: '{\n"n":1\n}', version })
  })

  state('insert makes the record that save would make', async (fixture) => {
    const store = await fixture.storage()
    if (!store.insert) throw new Skipped('the storage has no insert')
    const id = newId()
    const version = await store.insert(id, '{\n"n":1\n}', TTL, newVersion())
    const loaded = await load(store, id)
    assert.equal(loaded.data, '{\n"n":1\n}')
    if (version !== true) assert.equal(version, loaded.version)
    assert.equal(await save(store, id, '{\n"n":2\n}', undefined), false)
    assert.notEqual(await save(store, id, '{\n"n":3\n}', loaded.version), false)
    assert.equal((await load(store, id)).data, '{\n"n":3\n}')
  })

  state('save on a version of a record that is gone gives false, and makes none', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    await store.remove(id)
    assert.equal(await save(store, id, '{\n"n":2\n}', version), false)
    assert.equal(await store.exists(id), false)
  })

  state('of parallel saves on one version, one writes', async (fixture) => {
    const stores = await fixture.storages()
    for (let round = 0; round < fixture.options.rounds; round++) {
      const { id, version } = await saved(stores[0])
      await onlyOneWrites(stores, id, version)
    }
  })

  state('of parallel saves of one new record, one writes', async (fixture) => {
    const stores = await fixture.storages()
    for (let round = 0; round < fixture.options.rounds; round++) await onlyOneWrites(stores, newId(), undefined)
  })
}

function versions(state: State): void {
  state('the version that save gives is the one that load gives', async (fixture) => {
    const store = await fixture.storage()
    const id = newId()
    const given = await save(store, id, '{\n}', undefined)
    if (given !== true) assert.equal((await load(store, id)).version, given)
  })

  state('the version is another one after every save, also of the same text', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    const seen = new Set<Version>([version])
    for (let i = 0; i < 5; i++) {
      await save(store, id, '{\n"n":1\n}', (await load(store, id)).version)
      seen.add((await load(store, id)).version)
    }
    assert.equal(seen.size, 6, `6 saves made the versions ${[...seen].join(', ')}`)
  })

  state('the version is another one after a removal and a new creation', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    await store.remove(id)
    await save(store, id, '{\n"later":1\n}', undefined)
    assert.notEqual((await load(store, id)).version, version)
    assert.equal(await save(store, id, '{\n"n":2\n}', version), false)
    assert.equal((await load(store, id)).data, '{\n"later":1\n}')
  })

  state('touch changes neither text nor version', async (fixture) => {
    const store = await fixture.storage()
    const { id, version } = await saved(store)
    assert.equal(await store.touch(id, TTL), true)
    assert.ok(await store.load(id, TTL))
    assert.deepEqual(await load(store, id).then(essence), { data: '{\n"n":1\n}', version })
  })
}

/** Of 10 saves at once, by two handles where there are two. */
async function onlyOneWrites(stores: Storage[], id: string, expected: Version | undefined): Promise<void> {
  const texts = Array.from({ length: 10 }, (_, i) => `{\n"n":"of ${i}"\n}`)
  const results = await parallel(10, (i) => save(stores[i % stores.length]!, id, texts[i]!, expected))
  const written = texts.filter((_, i) => results[i] !== false)
  assert.equal(written.length, 1, `${written.length} of 10 parallel saves wrote`)
  assert.equal((await load(stores[0]!, id)).data, written[0])
}

export async function save(
  store: Storage,
  id: string,
  data: string,
  expected: Version | undefined,
): Promise<Version | boolean> {
  return store.save(id, data, TTL, expected, newVersion())
}

/** A new record, with the version that the store gave it. */
export async function saved(
  store: Storage,
  data: string = '{\n"n":1\n}',
  ttl: number = TTL,
): Promise<{ id: string; version: Version }> {
  const id = newId()
  assert.notEqual(await store.save(id, data, ttl, undefined, newVersion()), false, 'a new record was not saved')
  return { id, version: (await load(store, id)).version }
}

/** The record, which has to be there. */
export async function load(store: Storage, id: string): Promise<Loaded> {
  const loaded = await store.load(id)
  assert.ok(loaded, `expected record ${id} to be there`)
  return loaded
}

const essence = ({ data, version }: Loaded): Pick<Loaded, 'data' | 'version'> => ({ data, version })
