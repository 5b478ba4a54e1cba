/**
 * A storage by itself: how long a record lives.
 * @module
 */
import assert from 'node:assert/strict'
import type { Storage } from '../storage.js'
import { newVersion } from '../token.js'
import type { Fixture } from './fixture.js'
import { Skipped } from './fixture.js'
import type { Lifetime } from './lifetime.js'
import { lifetimeFor } from './lifetime.js'
import { newId, parallel } from './steps.js'
import type { State } from './steps.js'
import { load, saved, TTL } from './storage.js'

/** Expired records that no sweep may remove in one go, or as many as a store takes in `FILLING` milliseconds. */
const MANY = 5_000
const FILLING = 1_000
/** Of fewer, a batch may be all. */
const ENOUGH = 1_000

export function expiryOfStorage(_: State, stateWaiting: State): void {
  refreshing(stateWaiting)
  expired(stateWaiting)
  sweeping(stateWaiting)
}

function refreshing(state: State): void {
  state('touch refreshes the expiry', async (fixture) => {
    const { store, id, seconds, until, near, over } = await started(fixture)
    await until(near)
    assert.equal(await store.touch(id, seconds), true)
    await until(over)
    assert.equal(await store.exists(id), true)
  })

  state('load with a time to live refreshes the expiry', async (fixture) => {
    const { store, id, seconds, until, near, over } = await started(fixture)
    await until(near)
    assert.ok(await store.load(id, seconds))
    await until(over)
    assert.ok(await store.load(id))
  })

  state('load without one does not, nor does exists', async (fixture) => {
    const { store, id, until, near, over } = await started(fixture)
    await until(near)
    assert.ok(await store.load(id))
    assert.equal(await store.exists(id), true)
    await until(over)
    assert.equal(await store.exists(id), false)
  })

  state('save gives the record its new time to live', async (fixture) => {
    const { store, id, seconds, until, near, over } = await started(fixture)
    const { version } = await load(store, id)
    await until(near)
    assert.notEqual(await store.save(id, '{\n}', seconds, version, newId()), false)
    await until(over)
    assert.equal(await store.exists(id), true)
  })

  state('insert gives the record its time to live', async (fixture) => {
    const { store, seconds, near, over } = await started(fixture)
    if (!store.insert) throw new Skipped('the storage has no insert')
    const id = newId()
    await store.insert(id, '{\n}', seconds, newVersion())
    const until = fixture.timer()
    await until(near)
    assert.equal(await store.exists(id), true)
    await until(over + 0.1)
    assert.equal(await store.exists(id), false)
    if (store.sweep) assert.equal(await store.sweep(), 2)
  })

  state('a shorter time to live counts as well', async (fixture) => {
    const { store, seconds, over } = await started(fixture)
    const { id } = await saved(store, '{\n}', TTL)
    assert.equal(await store.touch(id, seconds), true)
    await fixture.timer()(over + 0.1)
    assert.equal(await store.exists(id), false)
  })
}

function expired(state: State): void {
  state('an expired record is absent for every operation', async (fixture) => {
    const { store, id, seconds, until, over } = await started(fixture)
    await until(over)
    assert.equal(await store.exists(id), false)
    assert.equal(await store.touch(id, seconds), false)
    assert.equal(await store.load(id, seconds), undefined)
    assert.equal(await store.rename(id, newId(), seconds), false)
    await store.remove(id)
    assert.equal(await store.load(id), undefined)
  })

  state('a new record takes the place of an expired one, with another version', async (fixture) => {
    const { store, id, seconds, until, over } = await started(fixture)
    const { version } = await load(store, id)
    await until(over)
    assert.equal(await store.save(id, '{\n"late":1\n}', seconds, version, newId()), false)
    assert.notEqual(await store.save(id, '{\n"new":1\n}', seconds, undefined, newId()), false)
    const loaded = await load(store, id)
    assert.equal(loaded.data, '{\n"new":1\n}')
    assert.notEqual(loaded.version, version)
  })

  state('a renamed record lives for the time that rename is given', async (fixture) => {
    const { store, id, seconds, until, near, over } = await started(fixture)
    const to = newId()
    await until(near)
    assert.equal(await store.rename(id, to, seconds), true)
    await until(over)
    assert.equal(await store.exists(to), true)
  })
}

function sweeping(state: State): void {
  state('sweep removes what has expired and nothing else, and gives how many', async (fixture) => {
    const { store, id, until, near, over, seconds } = await started(fixture)
    if (!store.sweep) throw new Skipped('the storage has no sweep')
    await parallel(10, () => saved(store, '{\n}', seconds))
    const untilAllAre = fixture.timer() // ten saves may take long on a busy machine
    const living = await saved(store)
    await until(near)
    assert.equal(await store.sweep(), 0)
    assert.equal(await store.touch(id, TTL), true)
    await untilAllAre(over + 0.1)
    assert.equal(await store.sweep(), 10)
    assert.equal(await store.sweep(), 0)
    assert.deepEqual([await store.exists(id), await store.exists(living.id)], [true, true])
  })

  state(`sweep removes ${MANY} records in batches, and lets others work in between`, async (fixture) => {
    const { store, seconds, until, over } = await started(fixture)
    if (!store.sweep) throw new Skipped('the storage has no sweep')
    const timer = fixture.timer()
    const count = await fill(store, seconds)
    await until(over)
    await timer(over + FILLING / 1000)
    const { result, turns } = await turnsDuring(async () => store.sweep!())
    assert.equal(result, count + 1)
    assert.ok(turns > 0 || count < ENOUGH, `${count} records were removed without letting the event loop turn`)
  })
}

interface Started extends Lifetime {
  readonly store: Storage
  readonly id: string
  /** Waits; seconds since the record was saved. */
  readonly until: (seconds: number) => Promise<void>
}

async function started(fixture: Fixture): Promise<Started> {
  const store = await fixture.storage()
  const lifetime = lifetimeFor(fixture)
  const { id } = await saved(store, '{\n}', lifetime.seconds)
  return { store, id, until: fixture.timer(), ...lifetime }
}

/** Others wait for their time meanwhile: where a save holds up the process, they get their turn all the same. */
async function fill(store: Storage, ttl: number): Promise<number> {
  const deadline = Date.now() + FILLING
  let count = 0
  while (count < MANY && Date.now() < deadline) {
    const saves: unknown[] = []
    for (const begun = Date.now(); saves.length < 50 && Date.now() - begun < 30; ) {
      saves.push(store.save(newId(), '{\n}', ttl, undefined, newId()))
    }
    await Promise.all(saves)
    await new Promise(setImmediate)
    count += saves.length
  }
  return count
}

/** How often the event loop turns while `fn` is at work. */
async function turnsDuring<T>(fn: () => Promise<T>): Promise<{ result: T; turns: number }> {
  let turns = 0
  let isOver = false
  const count = (): void => {
    if (isOver) return
    turns++
    setImmediate(count)
  }
  setImmediate(count) // before `fn` asks for its first turn
  const result = await fn()
  isOver = true
  return { result, turns }
}
