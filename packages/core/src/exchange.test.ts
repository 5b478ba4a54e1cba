import { describe, expect, it } from 'vitest'
import { begin } from '../../../tools/testing/begin.js'
import { Spy } from '../test/support/spy-provider.js'
import { Exchange } from './exchange.js'
import { createManager } from './index.js'

const side = { isSecure: () => false, headersSent: () => false, isDiscarded: () => false }

describe('an exchange whose session was ended meanwhile', () => {
  it('has nothing to commit any more, whatever its handler sets: the response would wait for ever', async () => {
    const manager = createManager({ provider: new Spy().provider })
    const exchange = new Exchange(manager, await begin(manager), side)
    await exchange.open()
    await manager.destroy(exchange.session.id)
    exchange.session.set('n', 1)
    expect(exchange.isPending()).toBe(true)
    await exchange.commit()
    exchange.session.set('n', 2)
    expect(exchange.isPending()).toBe(false)
  })
})
