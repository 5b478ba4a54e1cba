import { describe, expect, it } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { OpenVisit } from './adapters/fetch.js'
import type { Session } from './index.js'

type Cart = string[]
const cartOf = (session: Session): Cart => session.get('cart') as Cart

/** A request that has the cart in hand, which another one has changed since. */
async function overtaken(): Promise<[Visitor, OpenVisit, Cart]> {
  const visitor = new Visitor(sessioner({ provider: new Spy().provider }))
  await visitor.visit((session) => session.set('cart', ['a']))
  const visit = await visitor.open()
  const cart = cartOf(visit.session)
  await visitor.twin.visit((session) => cartOf(session).push('b'))
  return [visitor, visit, cart]
}

const commits: [string, (session: Session) => Promise<unknown>][] = [
  ['update', (session) => session.update('n', () => 1)],
  [
    'release',
    (session) => {
      session.set('n', 1)
      return session.release()
    },
  ],
  ['regenerate', (session) => session.regenerate()],
  ['login', (session) => session.login('ada')],
]

describe.each(commits)('an object in hand, over %s', (_name, commit) => {
  it('is saved when it is changed afterwards, though somebody else changed its key meanwhile', async () => {
    const [visitor, visit, cart] = await overtaken()
    await commit(visit.session)
    cart.push('c')
    await visitor.finish(visit)
    expect(await visitor.visit(cartOf)).toEqual(['a', 'c'])
  })

  it('leaves what somebody else wrote when it is not changed, and get gives that', async () => {
    const [visitor, visit] = await overtaken()
    await commit(visit.session)
    expect(cartOf(visit.session)).toEqual(['a', 'b'])
    await visitor.finish(visit)
    expect(await visitor.visit(cartOf)).toEqual(['a', 'b'])
  })

  it('gives way to the newer object when both are changed, and to what is set or removed', async () => {
    const [visitor, visit, cart] = await overtaken()
    await commit(visit.session)
    cart.push('c')
    cartOf(visit.session).push('d')
    await visit.session.release()
    await visitor.finish(visit)
    expect(await visitor.visit(cartOf)).toEqual(['a', 'b', 'd'])

    for (const end of ['set', 'delete', 'flush', 'update'] as const) {
      const [other, late, old] = await overtaken()
      await commit(late.session)
      if (end === 'set') late.session.set('cart', ['new'])
      if (end === 'update') await late.session.update('cart', () => ['new'])
      if (end === 'delete') late.session.delete('cart')
      if (end === 'flush') late.session.flush()
      old.push('c')
      await other.finish(late)
      expect(await other.visit(cartOf)).toEqual(end === 'set' || end === 'update' ? ['new'] : undefined)
    }
  })
})

describe('an object in hand', () => {
  it('that is changed before update is what update sees, though somebody else changed its key meanwhile', async () => {
    const [visitor, visit, cart] = await overtaken()
    await visit.session.update('n', () => 1)
    cart.push('c')
    expect(await visit.session.update<Cart>('cart', (old) => [...old!, 'd'])).toEqual(['a', 'c', 'd'])
    await visitor.finish(visit)
  })

  it('and the newer one are the key in turn, as they are changed in turn', async () => {
    const [visitor, visit, cart] = await overtaken()
    await visit.session.update('n', () => 1)
    const newer = cartOf(visit.session)
    for (const [object, item] of [
      [cart, 'c'],
      [newer, 'd'],
      [cart, 'e'],
    ] as const) {
      object.push(item)
      await visit.session.release()
      expect(await visitor.twin.visit(cartOf)).toEqual(object)
      expect(cartOf(visit.session)).toBe(object)
    }
    await visitor.finish(visit)
  })

  it('of a session that ended does not go on in the next', async () => {
    const [visitor, visit, cart] = await overtaken()
    await visitor.app.manager.destroy(visit.session.id)
    await visit.session.regenerate()
    cart.push('c')
    visit.session.set('theme', 'dark')
    await visitor.finish(visit)
    expect(await visitor.visit((session) => session.entries())).toEqual([['theme', 'dark']])
  })
})
