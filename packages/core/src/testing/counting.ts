/**
 * How many sessions there are.
 * @module
 */
import assert from 'node:assert/strict'
import { SessionError } from '../errors.js'
import { claims, onlyIfClaimed, Skipped } from './fixture.js'
import { begin, newId, parallel, put } from './steps.js'
import type { State } from './steps.js'

export function counting(state: State): void {
  state('count gives the number of living sessions', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'count')
    assert.equal(await provider.count(), 0, 'create gives a store with something in it')
    const ids = await parallel(20, () => begin(provider))
    assert.equal(await provider.count(), 20)
    for (const id of ids.slice(0, 5)) await provider.destroy(id)
    await provider.regenerate(ids[5]!, newId())
    assert.equal(await provider.count(), 15)
  })

  state('count leaves out records whose id starts with ~', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfClaimed(provider, 'count')
    await begin(provider)
    for (const length of [11, 15]) await put(provider, `~${newId(length)}`, { sessions: [] })
    assert.equal(await provider.count(), 1)
  })

  state('count leaves out the sessions of another store', async (fixture) => {
    const [provider, other] = [await fixture.provider(), await fixture.provider()]
    onlyIfClaimed(provider, 'count')
    await begin(other)
    assert.equal(await provider.count(), 0)
    await begin(provider)
    assert.equal(await provider.count(), 1)
  })

  state('count includes what another process stored', async (fixture) => {
    const [one, other] = await fixture.pair()
    onlyIfClaimed(one, 'count')
    await begin(one)
    await begin(other)
    assert.deepEqual([await one.count(), await other.count()], [2, 2])
  })

  state('count rejects with SESS_UNSUPPORTED where it is not claimed', async (fixture) => {
    const provider = await fixture.provider()
    if (claims(provider).count) throw new Skipped('the provider claims count')
    await assert.rejects(provider.count(), (error) => {
      assert.ok(error instanceof SessionError)
      assert.equal(error.code, 'SESS_UNSUPPORTED')
      return true
    })
  })
}
