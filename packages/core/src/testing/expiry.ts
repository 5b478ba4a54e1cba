/**
 * How long a session lives.
 * @module
 */
import assert from 'node:assert/strict'
import type { Provider } from '../provider.js'
import type { Fixture } from './fixture.js'
import { onlyIfClaimed } from './fixture.js'
import { lifetimeFor } from './lifetime.js'
import { begin, find, get, newId, put, valueOf } from './steps.js'
import type { State } from './steps.js'

/** Seconds; more than 30 days, which memcached takes for a date. */
const LONG = 400 * 24 * 3600

export function expiry(state: State, stateWaiting: State): void {
  state('a lifetime of 400 days holds', async (fixture) => {
    const provider = await fixture.provider(LONG)
    const id = await begin(provider)
    await fixture.wait(0.1)
    assert.equal(await valueOf(provider, id, 'n'), 1)
    const { id: other } = await provider.regenerate(id, newId())
    assert.equal(await provider.exist(other), true)
  })

  ending(stateWaiting)
  refreshing(stateWaiting)
  expired(stateWaiting)
}

function ending(state: State): void {
  state('an unused session is alive until its lifetime is over', async (fixture) => {
    const { provider, id, until, near } = await started(fixture)
    await until(near)
    assert.equal(await provider.exist(id), true)
    assert.equal(await valueOf(provider, id, 'n'), 1)
  })

  state('an unused session is gone when its lifetime is over', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    await until(over)
    assert.equal(await provider.exist(id), false)
    assert.equal(await find(provider, id), undefined)
  })

  state('a session that was only created is gone when its lifetime is over', async (fixture) => {
    const { provider, until, over } = await started(fixture)
    const { id } = await provider.read(newId())
    await until(over + 0.1)
    assert.equal(await provider.exist(id), false)
  })

  state('read gives an empty session where the one of that id has expired', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    await until(over)
    const store = await provider.read(id)
    assert.equal(store.get('n'), undefined)
    assert.equal(await provider.exist(id), true)
  })
}

function refreshing(state: State): void {
  state('using a session without a change refreshes its expiry', async (fixture) => {
    await refreshed(fixture, async (provider, id) => (await get(provider, id)).release())
  })

  state('a change refreshes the expiry', async (fixture) => {
    await refreshed(fixture, (provider, id) => put(provider, id, { more: true }))
  })

  state('exist and count do not refresh the expiry', async (fixture) => {
    const { provider, id, until, near, over } = await started(fixture)
    await until(near)
    assert.equal(await provider.exist(id), true)
    await provider.count().catch(() => undefined) // who can't count says so elsewhere
    await until(over)
    assert.equal(await provider.exist(id), false)
  })

  state('a regenerated session has its whole lifetime before it', async (fixture) => {
    const { provider, id, until, near, over } = await started(fixture)
    await until(near)
    const { id: other } = await provider.regenerate(id, newId())
    await until(over)
    assert.equal(await valueOf(provider, other, 'n'), 1)
  })

  state('a regenerated session is gone when its lifetime is over', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    const { id: other } = await provider.regenerate(id, newId())
    await until(over + 0.1)
    assert.equal(await provider.exist(other), false)
  })
}

function expired(state: State): void {
  state('destroy of an expired session is no error', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    await until(over)
    await provider.destroy(id)
    assert.equal(await provider.exist(id), false)
  })

  state('regenerate of an expired session gives an empty one', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    await until(over)
    const store = await provider.regenerate(id, newId())
    assert.equal(store.get('n'), undefined)
    assert.equal(await provider.exist(id), false)
  })

  state('release does not bring back a session that expired while a request held it', async (fixture) => {
    const { provider, id, until, over } = await started(fixture)
    onlyIfClaimed(provider, 'gone')
    const store = await get(provider, id)
    await until(over + 0.2)
    store.set('late', true)
    await store.release()
    assert.equal(await provider.exist(id), false)
  })

  state('gc leaves a living session with its data', async (fixture) => {
    const { provider, id, until, near, over } = await started(fixture)
    const unused = await begin(provider)
    await until(near)
    await put(provider, id, { more: true })
    await until(over + 0.1)
    await provider.gc()
    assert.equal(await valueOf(provider, id, 'n'), 1)
    assert.equal(await provider.exist(unused), false)
  })

  state('count leaves out what has expired', async (fixture) => {
    const { provider, id, until, near, over } = await started(fixture)
    onlyIfClaimed(provider, 'count')
    await begin(provider)
    assert.equal(await provider.count(), 2)
    await until(near)
    await put(provider, id, { more: true })
    await until(over + 0.1)
    assert.equal(await provider.count(), 1)
  })
}

interface Started {
  readonly provider: Provider
  /** A session with `n: 1`. */
  readonly id: string
  /** Waits; seconds since that session was stored. */
  readonly until: (seconds: number) => Promise<void>
  readonly seconds: number
  readonly near: number
  readonly over: number
}

async function started(fixture: Fixture): Promise<Started> {
  const lifetime = lifetimeFor(fixture)
  const provider = await fixture.provider(lifetime.seconds)
  const id = await begin(provider)
  return { provider, id, until: fixture.timer(), ...lifetime }
}

async function refreshed(fixture: Fixture, use: (provider: Provider, id: string) => Promise<void>): Promise<void> {
  const { provider, id, until, near, over } = await started(fixture)
  await until(near)
  await use(provider, id)
  await until(over)
  assert.equal(await valueOf(provider, id, 'n'), 1)
}
