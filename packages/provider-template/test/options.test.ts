import { createManager, OptionError, sessioner } from '@sess/core'
import { describe, expect, it } from 'vitest'
import { template } from '../src/index.js'
import { resolve } from '../src/options.js'

describe('the options of template', () => {
  it('are the same in a config string', () => {
    expect(resolve('')).toEqual({ host: '127.0.0.1', port: 4321, prefix: 'session:' })
    expect(resolve('host=db,port=1,prefix=a:')).toEqual(resolve({ host: 'db', port: 1, prefix: 'a:' }))
  })

  it.each(['hots=db', 'port=0', 'port=many', 'host='])('are refused at start when wrong: %s', (providerConfig) => {
    expect(() => sessioner({ provider: 'template', providerConfig })).toThrow(OptionError)
    expect(() => sessioner({ provider: template({ port: -1 }) })).toThrow(OptionError)
  })
})

describe('the provider template', () => {
  it('is known by its name', async () => {
    const manager = createManager({ provider: 'template', providerConfig: 'prefix=known:' })
    await manager.ready()
    expect(await manager.count()).toBe(0)
    await manager.close()
  })
})
