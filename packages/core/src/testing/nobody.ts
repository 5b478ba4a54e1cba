/**
 * Nothing for nobody: who has no session costs nothing and leaves nothing.
 * @module
 */
import assert from 'node:assert/strict'
import { claims } from './fixture.js'
import { begin, find, newId, parallel } from './steps.js'
import type { State } from './steps.js'
import { Visitor, visitorWith } from './visitor.js'

/** Forged ids, or visitors. */
const CROWD = 100

export function nobody(state: State): void {
  state('looking for ids that nobody has leaves no record', async (fixture) => {
    const provider = await fixture.provider()
    await begin(provider)
    const forged = await parallel(CROWD, async () => {
      const id = newId()
      await provider.exist(id)
      assert.equal(await find(provider, id), undefined)
      await provider.destroy(id)
      return id
    })
    for (const id of forged) assert.equal(await provider.exist(id), false)
    if (claims(provider).count) assert.equal(await provider.count(), 1)
  })

  state('forged cookies leave no record, and get another id once something is stored', async (fixture) => {
    const manager = await fixture.manager()
    const name = manager.options.cookieName
    await parallel(CROWD, async () => {
      const { token, id } = manager.newIdentity()
      const visitor = new Visitor(`${name}=${token}`)
      await visitor.visit(manager, (session) => void session.get('user'))
      assert.equal(await manager.provider.exist(id), false)
      const visit = await visitor.open(manager)
      assert.notEqual(visit.session.id, id)
    })
    if (manager.provider.capabilities.count) assert.equal(await manager.count(), 0)
  })

  state('visitors for whom nothing is stored leave no record and get no cookie', async (fixture) => {
    const manager = await fixture.manager()
    await parallel(CROWD, async () => {
      const visitor = new Visitor()
      await visitor.visit(manager, (session) => {
        session.get('user')
        session.delete('user')
        session.flush()
      })
      assert.equal(visitor.hasCookie, false)
    })
    if (manager.provider.capabilities.count) assert.equal(await manager.count(), 0)
  })

  state('a session that is destroyed leaves no record', async (fixture) => {
    const manager = await fixture.manager()
    const [visitor, id] = await visitorWith(manager, { user: 7 })
    await visitor.visit(manager, (session) => session.destroy())
    assert.equal(await manager.provider.exist(id), false)
    assert.equal(visitor.hasCookie, false)
    if (manager.provider.capabilities.count) assert.equal(await manager.count(), 0)
  })
}
