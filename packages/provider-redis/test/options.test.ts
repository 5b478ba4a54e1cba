import { createManager, OptionError, sessioner } from '@sess/core'
import { describe, expect, it } from 'vitest'
import { redis } from '../src/index.js'
import type { RedisConnectionOptions } from '../src/index.js'
import { resolve } from '../src/options.js'

const connection = (config: string | RedisConnectionOptions) => resolve(config).connection!

/** The error that a config gives. */
function errorOf(config: string | object): OptionError {
  try {
    resolve(config)
  } catch (error) {
    if (error instanceof OptionError) return error
    throw error
  }
  throw new Error('expected an OptionError')
}

describe('the config string of redis', () => {
  it('is taken as documented', () => {
    const text = 'network=tcp,addr=10.0.0.1:6380,password=macaron,db=2,pool_size=100,idle_timeout=180,prefix=session:'
    expect(resolve(text)).toEqual({
      prefix: 'session:',
      connection: {
        addresses: [{ host: '10.0.0.1', port: 6380 }],
        isCluster: false,
        password: 'macaron',
        db: 2,
        poolSize: 100,
        idleTimeout: 180,
      },
    })
  })

  it('may be empty', () => {
    expect(resolve('')).toEqual({
      prefix: 'session:',
      connection: {
        addresses: [{ host: '127.0.0.1', port: 6379 }],
        isCluster: false,
        db: 0,
        poolSize: 1,
        idleTimeout: 0,
      },
    })
    expect(resolve({})).toEqual(resolve(''))
  })

  it('names sentinels and the nodes of a cluster, separated by |', () => {
    expect(connection('ha_mode=sentinel,master_name=main,sentinel_addrs=a:1|b')).toMatchObject({
      masterName: 'main',
      sentinels: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26379 },
      ],
    })
    expect(connection('ha_mode=cluster,addr=a:1|[::1]:2')).toMatchObject({
      isCluster: true,
      addresses: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
    })
  })

  it('takes a socket', () => {
    expect(connection('network=unix,addr=/run/redis.sock').addresses).toEqual([{ path: '/run/redis.sock' }])
  })

  it('may be a URL', () => {
    expect(resolve('redis://us%40er:p%2Cw@host:6380/3?prefix=app%3A&pool_size=2&idle_timeout=9')).toEqual({
      prefix: 'app:',
      connection: {
        addresses: [{ host: 'host', port: 6380 }],
        isCluster: false,
        username: 'us@er',
        password: 'p,w',
        db: 3,
        poolSize: 2,
        idleTimeout: 9,
      },
    })
    expect(connection('rediss://:pw@[::1]')).toMatchObject({ addresses: [{ host: '::1', port: 6379 }], tls: {} })
    expect(connection('redis://').addresses).toEqual([{ host: '127.0.0.1', port: 6379 }])
  })

  it.each([
    'valkey://:hunter2@h:6379/0?prefix=app:',
    'redis+tls://:hunter2@h:6379',
    '"redis://:hunter2@h:6379"',
    'valkey://:hunter2=@h',
    'redis://user:123?hunter2@h:6379',
    'redis://user:123/hunter2@h:6379/0',
    'db=1 password=hunter2',
    'db=1;password=hunter2',
    'pool_size=10;password=hunter2',
    'idle_timeout=180 password=hunter2',
    'ca=/x;password=hunter2',
  ])('shows nothing of a password where it can not be read: %s', (text) => {
    const error = errorOf(text)
    expect(error).toMatchObject({ code: 'SESS_OPTION' })
    expect(String(error)).not.toContain('hunter2')
  })

  it('verifies certificates where it says tls', () => {
    expect(connection('tls=true').tls).toEqual({})
    expect(connection('tls=false').tls).toBeUndefined()
  })

  it.each([
    ['colour=red', 'providerConfig'],
    ['addr=a:1,addr=b:2', 'providerConfig'],
    ['addr', 'providerConfig'],
    ['db=abc', 'db'],
    ['db=-1', 'db'],
    ['pool_size=0', 'pool_size'],
    ['idle_timeout=1.5', 'idle_timeout'],
    ['network=udp', 'network'],
    ['network=unix', 'addr'],
    ['addr=', 'addr'],
    ['addr=host:port', 'addr'],
    ['addr=host:70000', 'addr'],
    ['addr=::1', 'addr'],
    ['addr=a:1|b:2', 'addr'],
    ['prefix=', 'prefix'],
    ['username=me', 'password'],
    ['tls=yes', 'tls'],
    ['ca=/ca.pem', 'tls'],
    ['tls=true,ca=/does/not/exist.pem', 'ca'],
    ['network=unix,addr=/s,tls=true', 'tls'],
    ['ha_mode=both', 'ha_mode'],
    ['ha_mode=sentinel,sentinel_addrs=a', 'master_name'],
    ['ha_mode=sentinel,master_name=main', 'sentinel_addrs'],
    ['ha_mode=sentinel,master_name=main,sentinel_addrs=a,addr=b', 'addr'],
    ['master_name=main', 'master_name'],
    ['sentinel_addrs=a', 'sentinel_addrs'],
    ['ha_mode=cluster,addr=a|b,db=1', 'db'],
    ['ha_mode=cluster,addr=a,network=unix', 'network'],
    ['redis://host/abc', 'db'],
    ['redis://host?colour=red', 'providerConfig'],
    ['redis://host#x', 'providerConfig'],
    ['redis:host', 'providerConfig'],
    ['redis://ho st', 'providerConfig'],
  ])('refuses %s', (config, option) => {
    expect(errorOf(config)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it.each([
    'password=hunter2,db=x',
    'addr=user:hunter2@host:1',
    'username=a,password=hunter2,colour=1',
    'redis://:hunter2@host/x',
    'redis://:hunter2@ho st',
    'redis://:hunter2%@host',
    'redis:hunter2@host',
    'password=hunter2,addr',
  ])('never shows a password: %#', (config) => {
    const error = errorOf(config)
    expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain('hunter2')
  })
})

describe('the options of redis', () => {
  it.each([
    [{ colour: 'red' }, 'providerConfig'],
    [{ client: {} }, 'client'],
    [{ client: null }, 'client'],
    [{ client: { call() {}, on() {} }, addr: 'a' }, 'addr'],
    [{ client: { call() {}, on() {}, isCluster: true } }, 'client'],
    [{ addr: [] }, 'addr'],
    [{ addr: 5 }, 'addr'],
    [{ poolSize: '2' }, 'poolSize'],
    [{ idleTimeout: -1 }, 'idleTimeout'],
    [{ tls: 'yes' }, 'tls'],
    [{ password: 5 }, 'password'],
    [{ haMode: 'sentinel', masterName: 'm', sentinelAddrs: [] }, 'sentinelAddrs'],
  ])('refuse %o', (options, option) => {
    expect(errorOf(options)).toMatchObject({ code: 'SESS_OPTION', option })
  })

  it('are checked at once, when the application starts', () => {
    expect(() => sessioner({ provider: 'redis', providerConfig: 'db=abc' })).toThrow(OptionError)
    expect(() => sessioner({ provider: redis({ poolSize: 0 }) })).toThrow(OptionError)
    const manager = createManager({ provider: redis({ addr: 'a b' }) })
    expect(() => manager.ready()).toThrow('option addr: expected host:port')
  })

  it.each([
    ['network=udp', '"udp"'],
    ['ha_mode=both', '"both"'],
    ['tls=yes', '"yes"'],
  ])('name what was given: %s', (config, given) => {
    expect(errorOf(config).message).toContain(`got ${given}`)
  })

  it('may be there and undefined', () => {
    const client = { call() {}, on() {} }
    expect(resolve({ client, addr: undefined } as never)).toEqual({ prefix: 'session:', client })
  })

  it('take options of tls.connect', () => {
    expect(connection({ tls: { servername: 'redis.internal' } }).tls).toEqual({ servername: 'redis.internal' })
  })
})
