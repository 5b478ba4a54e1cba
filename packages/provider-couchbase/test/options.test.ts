import { createManager, OptionError, sessioner } from '@sess/core'
import { describe, expect, it } from 'vitest'
import { couchbase } from '../src/index.js'
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

const LEAST = { username: 'u', password: 'p', bucket: 'b' }

describe('the config string of couchbase', () => {
  it('is taken as documented', () => {
    const query = 'scope=web&collection=sessions&durability=majority&timeout=2&connectTimeout=3&prefix=s%3A'
    expect(resolve(`app:pw@couchbase(10.0.0.5,10.0.0.6:11210)/shop?${query}`, 5)).toEqual({
      prefix: 's:',
      durability: 'majority',
      timeout: 2,
      connection: {
        connectionString: 'couchbase://10.0.0.5,10.0.0.6:11210',
        username: 'app',
        password: 'pw',
        bucket: 'shop',
        scope: 'web',
        collection: 'sessions',
        connectTimeout: 3,
      },
    })
  })

  it('has defaults for all but user, password and bucket', () => {
    expect(resolve('app:pw@tcp()/shop', 5)).toEqual({
      prefix: 'session:',
      durability: 'none',
      timeout: 2.5,
      connection: {
        connectionString: 'couchbase://127.0.0.1',
        username: 'app',
        password: 'pw',
        bucket: 'shop',
        scope: '_default',
        collection: '_default',
        connectTimeout: 4,
      },
    })
  })

  it('takes any password, up to the last @ before a protocol', () => {
    expect(resolve('app:p@ss:w/o@tcp(x)/rd@couchbases(h)/b', 5).connection).toMatchObject({
      username: 'app',
      password: 'p@ss:w/o@tcp(x)/rd',
      connectionString: 'couchbases://h',
    })
  })

  it.each([
    ['', 'providerConfig'],
    ['app@tcp(h)/b', 'providerConfig'],
    ['app:pw@tcp(h)', 'providerConfig'],
    ['app:pw@udp(h)/b', 'providerConfig'],
    ['app:pw@tcp(h)/b?colour=red', 'providerConfig'],
    ['app:pw@tcp(h)/b?scope=a&scope=b', 'providerConfig'],
    ['app:@tcp(h)/b', 'password'],
    ['app:pw@tcp(a b)/b', 'hosts'],
    ['app:pw@tcp(h:x)/b', 'hosts'],
    ['app:pw@tcp(h:0)/b', 'hosts'],
    ['app:pw@tcp(h:70000)/b', 'hosts'],
    ['app:pw@tcp(h)/b c', 'bucket'],
    ['app:pw@tcp(h)/b?scope=', 'scope'],
    ['app:pw@tcp(h)/b?collection=a.b', 'collection'],
    ['app:pw@tcp(h)/b?durability=all', 'durability'],
    ['app:pw@tcp(h)/b?timeout=6', 'timeout'],
    ['app:pw@tcp(h)/b?timeout=', 'timeout'],
    ['app:pw@tcp(h)/b?connectTimeout=0', 'connectTimeout'],
    ['app:pw@tcp(h)/b?prefix=', 'prefix'],
    ['app:pw@tcp(h)/b?ca=/ca.pem', 'protocol'],
    ['app:pw@couchbases(h)/b?ca=/nowhere/ca.pem', 'ca'],
    ['app:pw@couchbases(h)/b?ca=/', 'ca'],
  ])('refuses %s', (config, option) => {
    expect(errorOf(config)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it.each(['app:hunter2', 'app:hunter2@udp(h)/b', 'app:hunter2@tcp(h)/b?colour=1', 'app:hunter2@tcp(a@b)/b'])(
    'never shows a password: %#',
    (config) => {
      const error = errorOf(config)
      expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain('hunter2')
    },
  )
})

describe('the options of couchbase', () => {
  it.each([
    [{}, 'username'],
    [{ ...LEAST, colour: 'red' }, 'providerConfig'],
    [{ ...LEAST, password: 5 }, 'password'],
    [{ ...LEAST, hosts: [] }, 'hosts'],
    [{ ...LEAST, hosts: 'h' }, 'hosts'],
    [{ ...LEAST, protocol: 'http' }, 'protocol'],
    [{ ...LEAST, protocol: 'couchbases', ca: '' }, 'ca'],
    [{ ...LEAST, timeout: '2' }, 'timeout'],
    [{ ...LEAST, prefix: 'x'.repeat(181) }, 'prefix'],
    [{ collection: {} }, 'collection'],
    [{ collection: null }, 'collection'],
  ])('refuse %o', (options, option) => {
    expect(errorOf(options)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it('are checked at once, when the application starts', () => {
    expect(() => sessioner({ provider: 'couchbase', providerConfig: 'x' })).toThrow(OptionError)
    expect(() => sessioner({ provider: couchbase({ ...LEAST, timeout: 9 }) })).toThrow(OptionError)
    const manager = createManager({ provider: couchbase({ ...LEAST, hosts: ['a b'] }) })
    expect(() => manager.ready()).toThrow('option hosts: expected host or host:port')
  })
})
