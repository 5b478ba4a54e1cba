import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { parseConninfo, parseUrl } from '../src/conninfo.js'
import '../src/index.js'
import { resolve } from '../src/options.js'

const folder = mkdtempSync(join(tmpdir(), 'sess-postgres-'))
const pem = join(folder, 'root.crt')
writeFileSync(pem, 'a certificate')
afterAll(() => rmSync(folder, { recursive: true }))

describe('a keyword/value string', () => {
  it.each([
    ['user=a password=b host=localhost port=5432 dbname=c sslmode=disable', 'a,b,localhost,5432,c,disable'],
    ["  user = a   password='b c'\n\thost='x'  ", 'a,b c,x'],
    [String.raw`user='it\'s' password=back\\slash host=a\ b`, String.raw`it's,back\slash,a b`],
    [String.raw`password='\\\'' user=a=b`, String.raw`\',a=b`],
    ["user='' password= host=x", ',host=x'], // blanks after the = don't count, as in libpq
    ['user=a password=', 'a,'],
    ['user=a user=b', 'b'],
    ["password=it's", "it's"],
    [String.raw`password=abc\ `, 'abc '],
    [String.raw`password=abc\ `.trimEnd(), 'abc'],
    ["user='a'password='b' ", 'a,b'],
    ['password=a\u00a0b\u00a0', 'a\u00a0b\u00a0'],
    ['', ''],
    [' \n', ''],
  ])('%s', (text, values) => {
    expect([...parseConninfo(text).values()].join()).toBe(values)
  })

  it.each(['user', 'user=a password', "password='secret", "password='se'cret", '=secret'])(
    'is refused without its values: %s',
    (text) => {
      expect(() => parseConninfo(text)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
      expect(() => parseConninfo(text)).toThrow(/^((?!secret).)*$/)
    },
  )
})

describe('a URL', () => {
  it.each([
    ['postgres://a:b@db:5433/c?sslmode=require', 'sslmode=require,host=db,port=5433,user=a,password=b,dbname=c'],
    ['postgresql://a%40b:p%2F%3A@[::1]/c', 'host=::1,user=a@b,password=p/:,dbname=c'],
    ['postgres:///c?host=/run/pg&application_name=a%20b+c', 'host=/run/pg,application_name=a b+c,dbname=c'],
    ['postgres://%2Frun%2Fpg/c', 'host=/run/pg,dbname=c'],
    ['postgres://a:b@/c?host=/cloudsql/d:e', 'host=/cloudsql/d:e,user=a,password=b,dbname=c'],
    ['postgres://a:b#c?d@e@h:5/f#g', 'host=h,port=5,user=a,password=b#c?d@e,dbname=f#g'],
    ['postgres://a@h?application_name=b@c', 'host=h,user=a,application_name=b@c'],
    ['postgres://H.Example:/d/e', 'host=H.Example,dbname=d/e'],
    ['postgres://', ''],
  ])('%s', (text, pairs) => {
    const found = [...parseUrl(text)].map((pair) => pair.join('='))
    expect(found.sort()).toEqual(pairs.split(',').filter(Boolean).sort())
  })

  it('is refused where it can not be read, without its password', () => {
    for (const text of ['postgres://a:secret%@db/c', 'postgres://a:secret@db:x/c', 'postgres://a@[::1/secret']) {
      expect(() => resolve(text)).toThrow(/^((?!secret).)*$/)
      expect(() => resolve(text)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
    }
  })
})

describe('the options', () => {
  it('are those of the document', () => {
    const { table, connection } = resolve('user=a password=b host=localhost port=5432 dbname=c sslmode=disable')
    expect(table).toEqual(['session'])
    expect(connection).toMatchObject({ user: 'a', password: 'b', host: 'localhost', port: 5432, database: 'c' })
    expect(connection!.encryption).toEqual([false])
  })

  it('are the same in a string and as an object', () => {
    const text = "host=h port=1 dbname=d user=u password='p' application_name=n connect_timeout=3 pool_size=4"
    const more = " options='-c a=b' table=app.s create_table=true prepare=false hostaddr=10.0.0.1 sslmode=require"
    expect(resolve(text + more)).toEqual(
      resolve({
        host: 'h',
        port: 1,
        database: 'd',
        user: 'u',
        password: 'p',
        applicationName: 'n',
        connectTimeout: 3,
        poolSize: 4,
        options: '-c a=b',
        table: 'app.s',
        createTable: true,
        prepare: false,
        hostaddr: '10.0.0.1',
        ssl: 'require',
      }),
    )
  })

  it.each([
    ['hostname=x', 'providerConfig'],
    ['passfile=x', 'providerConfig'],
    ['port=0', 'port'],
    ['port=x', 'port'],
    ['host=a,b', 'host'],
    ['sslmode=secret', 'sslmode'],
    ['sslrootcert=/nowhere', 'sslrootcert'],
    ['sslrootcert=system sslmode=require', 'sslmode'],
    ['sslmode=verify-ca', 'sslrootcert'],
    ['connect_timeout=x', 'connect_timeout'],
    ['pool_size=0', 'pool_size'],
    ['create_table=yes', 'create_table'],
    ['table=a.b.c', 'table'],
    [`table='session"; DROP TABLE users; --'`, 'table'],
    [`table=${'a'.repeat(64)}`, 'table'],
  ])('are refused: %s', (config, option) => {
    expect(() => resolve(config)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
  })

  it.each([
    [{ pool: {} }, 'pool'],
    [{ pool: { query() {}, on() {}, off() {} }, host: 'x' }, 'host'],
    [{ databaseName: 'x' }, 'providerConfig'],
    [{ host: '' }, 'host'],
    [{ password: 1 }, 'password'],
    [{ prepare: 'no' }, 'prepare'],
    [{ table: 5 }, 'table'],
  ])('are refused: %j', (config, option) => {
    expect(() => resolve(config)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
  })

  it('are refused at start, at once', () => {
    const manager = createManager({ provider: 'postgres', providerConfig: 'hots=localhost' })
    expect(() => manager.ready()).toThrow(/providerConfig: expected one of host,.*got "hots"/)
  })
})

describe('a password', () => {
  it.each([
    'host=h password=correct secret=battery dbname=c',
    "user=a password= 'secret=tail",
    'postgres://a:p/b?secret=x@h/c',
    'postgres://a:12/b?secret=x@h/c',
    'postgres://a:p@h/c?d&secret=x',
  ])('has no part in a message: %s', (text) => {
    expect(() => resolve(text)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
    expect(() => resolve(text)).toThrow(/^((?!secret|battery|tail).)*$/)
  })
})

describe('the environment', () => {
  afterEach(() => vi.unstubAllEnvs())
  const withVariables = (variables: Record<string, string>, text: string): ReturnType<typeof resolve>['connection'] => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    return resolve(text).connection
  }

  it('gives address and encryption where the string says nothing, as libpq has it', () => {
    const { host, hostaddr, encryption } = withVariables(
      { PGHOST: 'h', PGHOSTADDR: '10.0.0.1', PGSSLMODE: 'require', PGSSLROOTCERT: pem, PGSSLCERT: pem, PGSSLKEY: '' },
      '',
    )!
    expect([host, hostaddr]).toEqual(['h', '10.0.0.1'])
    expect(encryption).toMatchObject([{ ca: 'a certificate', cert: 'a certificate', rejectUnauthorized: true }])
    expect(encryption[0]).not.toHaveProperty('key')
    expect(resolve('host=x sslmode=disable').connection).toMatchObject({ host: 'x', encryption: [false] })
    expect(resolve({ ssl: { ca: 'other' } }).connection!.encryption).toEqual([{ ca: 'other' }])
  })

  it('may name a socket, on which nothing is encrypted', () => {
    expect(withVariables({ PGHOST: '/run/pg' }, 'sslmode=require')!.encryption).toEqual([false])
  })

  it('needs no USER: the system knows it', () => {
    const { username } = userInfo()
    expect(withVariables({ USER: 'somebody else', PGUSER: '' }, '')!.user).toBe(username)
    expect(withVariables({ PGUSER: 'b' }, '')!.user).toBeUndefined() // pg's own to find
  })
})

describe('sslmode', () => {
  const ways = (text: string): unknown[] =>
    resolve(text).connection!.encryption.map(
      (way) => way && { ...way, checkServerIdentity: way.checkServerIdentity && 'own' },
    )
  const loose = { rejectUnauthorized: false }
  const authority = { rejectUnauthorized: true, checkServerIdentity: 'own' }

  it.each([
    ['', [{ ...loose, checkServerIdentity: undefined }, false]],
    ['sslmode=disable', [false]],
    ['sslmode=allow', [false, loose]],
    ['sslmode=prefer', [loose, false]],
    ['sslmode=require', [loose]],
    [`sslmode=require sslrootcert=${pem}`, [{ ...authority, ca: 'a certificate' }]],
    [`sslmode=verify-ca sslrootcert=${pem}`, [{ ...authority, ca: 'a certificate' }]],
    ['sslmode=verify-full', [{ ...authority, servername: 'localhost' }]],
    ['sslmode=verify-full host=10.0.0.1', [authority]],
    ['sslrootcert=system', [{ ...authority, servername: 'localhost' }]],
    [
      `sslmode=verify-full sslrootcert=${pem} sslcert=${pem} sslkey=${pem}`,
      [{ ...authority, servername: 'localhost', ca: 'a certificate', cert: 'a certificate', key: 'a certificate' }],
    ],
    [
      'sslmode=verify-full host=db hostaddr=10.0.0.1',
      [{ rejectUnauthorized: true, servername: 'db', checkServerIdentity: 'own' }],
    ],
    ['sslmode=verify-full host=/run/postgresql', [false]],
  ])('%s', (text, expected) => {
    expect(ways(text)).toEqual(expected)
  })
})
