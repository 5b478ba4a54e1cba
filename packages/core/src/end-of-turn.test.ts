import { afterEach, describe, expect, it, vi } from 'vitest'
import { endOfBusyTurn, endOfTurn } from './end-of-turn.js'

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

  it('comes in the same turn for those who waited before, when all of them have gone on', async () => {
    const order: string[] = []
    const wait = async (name: string): Promise<void> => {
      await endOfTurn()
      await Promise.resolve()
      order.push(name)
      await endOfTurn()
      order.push(`${name} again`)
    }
    const waits = [wait('a'), wait('b')]
    setImmediate(() => setImmediate(() => order.push('next turn')))
    await Promise.all(waits)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(order).toEqual(['a', 'b', 'a again', 'b again', 'next turn'])
  })

  it('is waited for only where turns are busy, and by all who come in the one after a busy one', async () => {
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    const waits = (count: number): boolean[] => Array.from({ length: count }, () => endOfBusyTurn() !== undefined)
    expect(waits(3)).toEqual([false, false, false])
    await turn()
    expect(waits(5)).toEqual([false, false, false, true, true])
    await turn()
    expect(waits(1)).toEqual([true])
    await turn()
    expect(waits(1)).toEqual([false])
    await turn()
    await turn()
    expect(waits(1)).toEqual([false])
  })

  it.each([
    ['setImmediate', undefined],
    ['process', undefined],
    ['navigator', { userAgent: 'Cloudflare-Workers' }],
  ])('is not waited for where %s is %o', async (name, value) => {
    vi.stubGlobal(name, value)
    vi.resetModules()
    const elsewhere = await import('./end-of-turn.js')
    vi.unstubAllGlobals()
    expect(elsewhere.endOfTurn()).toBe(undefined)
    expect(Array.from({ length: 9 }, elsewhere.endOfBusyTurn)).toEqual(Array.from({ length: 9 }, () => undefined))
  })
})
