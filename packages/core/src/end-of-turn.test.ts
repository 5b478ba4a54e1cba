import { afterEach, describe, expect, it, vi } from 'vitest'
import { endOfTurn } from './end-of-turn.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe('the end of the turn', () => {
  it('is one for all that is asked for in a turn, and comes when they have asked', async () => {
    const order: string[] = []
    const wait = async (name: string): Promise<void> => {
      await endOfTurn()
      order.push(name)
    }
    setImmediate(() => order.push('turn'))
    const first = endOfTurn()
    const waits = [wait('a'), wait('b')]
    expect(endOfTurn()).toBe(first)
    await Promise.resolve()
    expect(order).toEqual([])
    await Promise.all(waits)
    expect(order).toEqual(['turn', 'a', 'b'])
    expect(endOfTurn()).not.toBe(first)
  })

  it('is not waited for where the runtime has no turns', async () => {
    vi.stubGlobal('setImmediate', undefined)
    vi.resetModules()
    const { endOfTurn: elsewhere } = await import('./end-of-turn.js')
    expect(elsewhere()).toBe(undefined)
  })
})
