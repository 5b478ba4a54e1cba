/**
 * Sessions that ask to live longer than others.
 * @module
 */
import assert from 'node:assert/strict'
import { Skipped } from './fixture.js'
import { lifetimeFor } from './lifetime.js'
import type { State } from './steps.js'
import { Visitor, visitorWith } from './visitor.js'

/** Seconds. */
const LONG = 3600

export function remembering(_: State, stateWaiting: State): void {
  stateWaiting(
    'a session with a longer lifetime outlives the others, under a new id too, and stays listed',
    async (fixture) => {
      const { seconds, over } = lifetimeFor(fixture)
      const manager = await fixture.manager({ maxLifetime: seconds })
      if (!manager.provider.keepsLifetimes) throw new Skipped('the provider has one lifetime for all sessions')
      const [short] = await visitorWith(manager, { n: 1 })
      const [before, after, renamed] = [new Visitor(), new Visitor(), new Visitor()]
      await before.visit(manager, async (session) => {
        session.lifetime = LONG
        await session.login('user 7')
      })
      await after.visit(manager, async (session) => {
        await session.login('user 7')
        session.lifetime = LONG
      })
      await renamed.visit(manager, (session) => {
        session.set('n', 1)
        session.lifetime = LONG
      })
      await renamed.visit(manager, (session) => session.regenerate())
      await fixture.wait(over)
      await manager.gc()
      assert.equal(await short.visit(manager, (session) => session.isNew), true)
      assert.equal((await manager.sessionsOf('user 7')).length, 2)
      for (const visitor of [before, after, renamed]) {
        assert.equal(await visitor.visit(manager, (session) => session.isNew), false)
      }
    },
  )
}
