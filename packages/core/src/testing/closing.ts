/**
 * The end.
 * @module
 */
import assert from 'node:assert/strict'
import { SessionError } from '../errors.js'
import { Skipped } from './fixture.js'
import { begin, get, newId, valueOf } from './steps.js'
import type { State } from './steps.js'
import { visitorWith } from './visitor.js'

export function closing(state: State): void {
  state('close may be called twice', async (fixture) => {
    const provider = await fixture.provider()
    if (!provider.close) throw new Skipped('the provider has no close')
    await begin(provider)
    await provider.close()
    await provider.close()
  })

  state('after close every call is an error', async (fixture) => {
    const provider = await fixture.provider()
    if (!provider.close) throw new Skipped('the provider has no close')
    const id = await begin(provider)
    const held = await get(provider, id)
    held.set('late', true)
    await provider.close()
    const calls: Record<string, () => Promise<unknown>> = {
      read: () => provider.read(id),
      exist: () => provider.exist(id),
      destroy: () => provider.destroy(id),
      regenerate: () => provider.regenerate(id, newId()),
      count: () => provider.count(),
      release: () => held.release(),
    }
    for (const [name, call] of Object.entries(calls)) await assert.rejects(async () => call(), `${name} resolved`)
  })

  state('closing one instance leaves another one open', async (fixture) => {
    const [one, other] = await fixture.pair()
    if (!one.close) throw new Skipped('the provider has no close')
    const id = await begin(one)
    await one.close()
    assert.equal(await valueOf(other, id, 'n'), 1)
  })

  state('a closed manager gives SESS_CLOSED, and closes twice', async (fixture) => {
    const manager = await fixture.manager()
    const [visitor, id] = await visitorWith(manager, { n: 1 })
    const { session } = await visitor.open(manager)
    session.set('late', true)
    await manager.close()
    await manager.close()
    for (const call of [visitor.open(manager), session.release(), manager.destroy(id), manager.count(), manager.gc()]) {
      await assert.rejects(call, (error) => error instanceof SessionError && error.code === 'SESS_CLOSED')
    }
  })
}
