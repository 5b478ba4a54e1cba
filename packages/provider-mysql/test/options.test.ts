import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { afterAll, describe, expect, it } from 'vitest'
import '../src/index.js'
import { resolve } from '../src/options.js'

const folder = mkdtempSync(join(tmpdir(), 'sess-mysql-'))
const pem = join(folder, 'ca.pem')
writeFileSync(pem, 'a certificate')
afterAll(() => rmSync(folder, { recursive: true }))

const pool = { getConnection() {}, on() {}, off() {} }

const at = { user: 'a', host: 'db', database: 'c' }

describe('the config string', () => {
  it.each([
    [
      'username:password@tcp(localhost:3306)/dbname',
      { user: 'username', password: 'password', host: 'localhost', port: 3306, database: 'dbname' },
    ],
    ['a:p@s:s/w?rd@tcp(db)/c', { user: 'a', password: 'p@s:s/w?rd', host: 'db', database: 'c' }],
    ['a:x@tcp(evil)/b@tcp(db:1)/c', { user: 'a', password: 'x@tcp(evil)/b', host: 'db', port: 1, database: 'c' }],
    ['a:(b)@tcp([::1]:3307)/c', { user: 'a', password: '(b)', host: '::1', port: 3307, database: 'c' }],
    ['a@unix(/run/mysqld/mysqld.sock)/c', { user: 'a', socketPath: '/run/mysqld/mysqld.sock', database: 'c' }],
    ['a@unix()/c', { user: 'a', socketPath: '/tmp/mysql.sock', database: 'c' }],
    ['a:@tcp(db)/c', { user: 'a', host: 'db', database: 'c' }],
    ['a@tcp/c', { user: 'a', database: 'c' }],
    ['a:b@/c%2Fd', { user: 'a', password: 'b', database: 'c/d' }],
    ['/', {}],
    ['a@tcp(db)/c?timeout=500ms', { ...at, timeout: 0.5 }],
    ['a@tcp(db)/c?timeout=1m30s', { ...at, timeout: 90 }],
    ['a@tcp(db)/c?timeout=7&pool_size=3', { ...at, timeout: 7, poolSize: 3 }],
    ['a@tcp(db)/c?charset=utf8mb4,utf8', { ...at, charset: 'utf8mb4' }],
    [
      'mysql://a:p%40%2F@db:3307/c?pool_size=2',
      { user: 'a', password: 'p@/', host: 'db', port: 3307, database: 'c', poolSize: 2 },
    ],
    ['mariadb://a@[::1]/c', { user: 'a', host: '::1', database: 'c' }],
  ])('%s', (text, expected) => {
    const { encryption, ...connection } = resolve(text).connection!
    expect(connection).toEqual({ charset: 'utf8mb4', poolSize: 10, ...expected })
    expect(encryption).toEqual([false])
  })

  it('names the table as well', () => {
    expect(resolve('a@tcp(db)/c?table=app.s&create_table=true')).toMatchObject({
      table: ['app', 's'],
      createTable: true,
    })
  })

  it.each([
    ['', 'providerConfig'],
    ['a:secret@tcp(db)', 'providerConfig'],
    ['a:secret@udp(db)/c', 'providerConfig'],
    ['a:secret@tcp(db:x)/c', 'providerConfig'],
    ['a:secret@tcp(::1)/c', 'providerConfig'],
    ['a:secret@tcp(db:0)/c', 'port'],
    ['a:secret@tcp(db)/c?parseTime=true', 'providerConfig'],
    ['a:secret@tcp(db)/c?host=x', 'providerConfig'],
    ['a:secret@tcp(db)/c?tls', 'providerConfig'],
    ['a:secret@tcp(db)/c?tls=maybe', 'tls'],
    ['a:secret@tcp(db)/c?ca=/nowhere', 'tls'],
    ['a:secret@tcp(db)/c?tls=true&ca=/nowhere', 'ca'],
    ['a:secret@tcp(db)/c?timeout=soon', 'timeout'],
    ['a:secret@tcp(db)/c?charset=x-y', 'charset'],
    ['a:secret@tcp(db)/c?pool_size=0', 'pool_size'],
    ['a:secret@tcp(db)/c?create_table=1', 'create_table'],
    ['a:secret@tcp(db)/c?table=a%60b', 'table'],
    ['mysql://a:secret%@db/c', 'providerConfig'],
    ['mysql://a:secret@db:x/c', 'providerConfig'],
  ])('is refused without its password: %s', (text, option) => {
    expect(() => resolve(text)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
    expect(() => resolve(text)).toThrow(/^((?!secret).)*$/)
  })
})

describe('the options', () => {
  it.each([
    [{ pool: {} }, 'pool'],
    [{ pool, host: 'x' }, 'host'],
    [{ databaseName: 'x' }, 'providerConfig'],
    [{ host: '' }, 'host'],
    [{ host: 'x', socketPath: '/x' }, 'socketPath'],
    [{ password: 1 }, 'password'],
    [{ createTable: 'no' }, 'createTable'],
    [{ timeout: '5' }, 'timeout'],
    [{ table: 5 }, 'table'],
  ])('are refused: %j', (config, option) => {
    expect(() => resolve(config)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
  })

  it('take a pool with callbacks, and one with promises', () => {
    expect(resolve({ pool }).pool).toBe(pool)
    expect(resolve({ pool: { pool } }).pool).toBe(pool)
  })

  it('are refused at start, at once', () => {
    const manager = createManager({ provider: 'mysql', providerConfig: 'a:b@tcp(db)/c?x=y' })
    expect(() => manager.ready()).toThrow(/providerConfig: expected one of host,.*got "x"/)
    const other = createManager({ provider: 'mysql', providerConfig: 'a:b@tcp(db)/c?charset=nonsense' })
    expect(() => other.ready()).toThrow(/charset/)
  })
})

describe('tls', () => {
  const verified = { rejectUnauthorized: true, verifyIdentity: true }
  it.each([
    [false, [false]],
    [true, [verified]],
    ['skip-verify', [{ rejectUnauthorized: false }]],
    ['preferred', [{ rejectUnauthorized: false }, false]],
    [{ minVersion: 'TLSv1.3' }, [{ ...verified, minVersion: 'TLSv1.3' }]],
  ])('%j', (tls, expected) => {
    expect(resolve({ tls }).connection!.encryption).toEqual(expected)
    expect(resolve(`/?tls=true&ca=${pem}`).connection!.encryption).toEqual([{ ...verified, ca: 'a certificate' }])
  })
})
