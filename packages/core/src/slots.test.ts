import { describe, expect, it } from 'vitest'
import { Slots } from './slots.js'

describe('Slots', () => {
  it('let so many go on at once, and the others in the order in which they came', async () => {
    const slots = new Slots(2)
    const went: number[] = []
    const underWay = Array.from({ length: 5 }, async (_, n) => {
      await slots.take()
      went.push(n)
    })
    const turn = (): Promise<void> => new Promise((done) => setImmediate(done))
    await turn()
    expect(went).toEqual([0, 1])
    slots.give()
    await turn()
    expect(went).toEqual([0, 1, 2])
    slots.give()
    slots.give()
    await Promise.all(underWay)
    expect(went).toEqual([0, 1, 2, 3, 4])
  })

  it('leave nothing to wait for while one is free', () => {
    const slots = new Slots(1)
    expect(slots.take()).toBe(undefined)
    expect(slots.take()).toBeInstanceOf(Promise)
  })
})
