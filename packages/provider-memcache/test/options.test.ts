import { createManager, OptionError, sessioner } from '@sess/core'
import { describe, expect, it } from 'vitest'
import { memcache } from '../src/index.js'
import { resolve } from '../src/options.js'

/** The error that a config gives. */
function errorOf(config: string | object): OptionError {
  try {
    resolve(config, 5)
  } catch (error) {
    if (error instanceof OptionError) return error
    throw error
  }
  throw new Error('expected an OptionError')
}

describe('the config string of memcache', () => {
  it('is taken as documented', () => {
    expect(resolve('127.0.0.1:9090;127.0.0.1:9091', 5)).toEqual({
      servers: [
        { host: '127.0.0.1', port: 9090 },
        { host: '127.0.0.1', port: 9091 },
      ],
      timeout: 2.5,
      prefix: 'session:',
    })
  })

  it('takes the other options behind the servers', () => {
    expect(resolve('cache ; [::1]:9091; username=me;password=a=b; timeout=0.5;prefix=shop:', 5)).toEqual({
      servers: [
        { host: 'cache', port: 11_211 },
        { host: '::1', port: 9091 },
      ],
      username: 'me',
      password: 'a=b',
      timeout: 0.5,
      prefix: 'shop:',
    })
  })

  it('may be empty', () => {
    expect(resolve('', 2)).toEqual({ servers: [{ host: '127.0.0.1', port: 11_211 }], timeout: 1, prefix: 'session:' })
    expect(resolve({}, 2)).toEqual(resolve('', 2))
  })

  it.each([
    ['colour=red', 'providerConfig'],
    ['servers=a', 'providerConfig'],
    ['a;prefix=x;prefix=y', 'providerConfig'],
    ['a:1,b:2', 'servers'],
    ['a:port', 'servers'],
    ['a:0', 'servers'],
    ['a:70000', 'servers'],
    ['::1', 'servers'],
    ['a:1;a:1', 'servers'],
    ['timeout=', 'timeout'],
    ['timeout=0', 'timeout'],
    ['timeout=6', 'timeout'],
    ['timeout=x', 'timeout'],
    ['prefix=', 'prefix'],
    ['prefix=a b', 'prefix'],
    ['prefix=ä', 'prefix'],
    [`prefix=${'x'.repeat(181)}`, 'prefix'],
    ['username=me', 'password'],
    ['password=x', 'password'],
    ['username=;password=x', 'username'],
  ])('refuses %s', (config, option) => {
    expect(errorOf(config)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it.each([
    'user:hunter2@host:1',
    'password=hunter2',
    'username=a;password=hunter2;colour=1',
    'a;hunter2=x@',
    'username=a;password=its;hunter2=x', // a semicolon in a password ends it
    'username=a;password=its;hunter2', // and the rest is no server, to be looked up and told of
  ])('never shows a password: %#', (config) => {
    const error = errorOf(config.replace('hunter2=x@', 'password=hunter2'))
    expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain('hunter2')
  })
})

describe('the options of memcache', () => {
  it.each([
    [{ colour: 'red' }, 'providerConfig'],
    [{ servers: [] }, 'servers'],
    [{ servers: 'a:1' }, 'servers'],
    [{ servers: [5] }, 'servers'],
    [{ timeout: '2' }, 'timeout'],
    [{ prefix: '' }, 'prefix'],
    [{ username: 5, password: 'x' }, 'username'],
  ])('refuse %o', (options, option) => {
    expect(errorOf(options)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it('are checked at once, when the application starts', () => {
    expect(() => sessioner({ provider: 'memcache', providerConfig: 'a:b' })).toThrow(OptionError)
    expect(() => sessioner({ provider: memcache({ timeout: 9 }) })).toThrow(OptionError)
    const manager = createManager({ provider: memcache({ servers: ['a b'] }) })
    expect(() => manager.ready()).toThrow('option servers: expected host:port')
  })
})
