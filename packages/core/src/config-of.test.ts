import { describe, expect, it } from 'vitest'
import { createManager } from './manager.js'
import { memory } from './providers/memory.js'
import type { Storage } from './storage.js'
import { defineProvider } from './storage.js'

describe('what a provider is configured with', () => {
  it.each([
    ['null', null],
    ['a number', 5],
    ['a Map', new Map()],
    ['an array', [{ max: 5 }]],
    ['an object of a class, such as a client', new Date()],
  ])('is no %s', (_, options) => {
    expect(() => createManager({ provider: memory(options as never) }).ready()).toThrow(
      /^option of memory\(\): expected an object with options, one of which a client or a pool may be, got /,
    )
  })

  it('is no config string where a function takes options, and what it holds is not shown', () => {
    expect(() => createManager({ provider: memory('redis://:macaron@localhost' as never) }).ready()).toThrow(
      "option of memory(): expected an object with options; a config string goes with a name: { provider: 'memory', providerConfig }, got a text",
    )
  })

  it('is in one place', () => {
    const manager = createManager({ provider: memory({ max: 5 }), providerConfig: 'max=6' })
    expect(() => manager.ready()).toThrow(
      'option providerConfig: expected none, since memory() was given its options, got one',
    )
  })

  it.each(['max=5', { max: 5 }])('may be what the manager was told: %o', async (providerConfig) => {
    const manager = createManager({ provider: memory(), providerConfig })
    await manager.ready()
    await manager.close()
  })
})

describe('an instance of a provider', () => {
  it('is for one manager, until that is closed', async () => {
    const provider = memory()
    const [one, other] = [createManager({ provider }), createManager({ provider })]
    await one.ready()
    expect(() => other.ready()).toThrow('option provider: expected another one for each manager')
    await one.close()
    await other.ready()
    await other.close()
  })

  it('that opened when the manager had ceased to wait is not opened twice', async () => {
    let opened = 0
    const lent = { load: () => undefined } as unknown as Storage
    const open = async (): Promise<Storage> => {
      opened++
      await new Promise((done) => setTimeout(done, 60))
      return lent
    }
    const manager = createManager({ provider: defineProvider({ name: 'slow', open }), storeTimeout: 0.03 })
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await new Promise((done) => setTimeout(done, 60))
    await manager.ready()
    expect(opened).toBe(1)
    await manager.close()
  })
})
