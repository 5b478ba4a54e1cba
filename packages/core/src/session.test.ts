import { describe, expect, it } from 'vitest'
import { begin } from '../../../tools/testing/begin.js'
import { Spy } from '../test/support/spy-provider.js'
import type { Manager, Session, SessionOptions } from './index.js'
import { show } from './errors.js'
import { createManager } from './index.js'

const open = (manager: Manager, cookie: string): Promise<Session> => manager.read({ headers: { cookie } })

async function started(options: SessionOptions = {}, data?: Record<string, unknown>): Promise<[Manager, string, Spy]> {
  const spy = new Spy()
  const manager = createManager({ provider: spy.provider, ...options })
  const cookie = await begin(manager, data)
  spy.take()
  return [manager, cookie, spy]
}

describe('Session', () => {
  it('reads, sets, lists and removes keys, also those that look like ours or like the language’s', async () => {
    const [manager, cookie] = await started()
    const session = await open(manager, cookie)
    const keys = [
      '@x',
      '@@y',
      '@created',
      '@flash',
      '__proto__',
      'constructor',
      'toString',
      '',
      ' ',
      'a.b',
      '"',
      '\n',
      '\u2028',
      '\\',
    ]
    for (const [n, key] of keys.entries()) {
      expect(session.has(key)).toBe(false)
      expect(session.get(key)).toBeUndefined()
      session.set(key, n)
    }
    await session.release()
    const again = await open(manager, cookie)
    expect(again.entries()).toEqual([['begun', true], ...keys.map((key, n) => [key, n])])
    for (const key of keys) again.delete(key)
    await again.release()
    expect((await open(manager, cookie)).keys()).toEqual(['begun'])
  })

  it('refuses a property, which would be lost, and lets a symbol and a method of its own pass', async () => {
    const [manager, cookie, spy] = await started()
    const session = (await open(manager, cookie)) as Session & Record<string | symbol, unknown>
    for (const name of ['user', 'cookie', '__proto__', 'a\nb']) {
      expect(() => (session[name] = 1)).toThrow(
        expect.objectContaining({
          code: 'SESS_VALUE',
          message: expect.stringContaining(`session.set(${show(name)}, value)`) as string,
        }),
      )
    }
    const mark = Symbol('mark')
    session[mark] = 1
    session['get'] = () => 'of a test'
    expect([session[mark], session.get('user')]).toEqual([1, 'of a test'])
    await session.release()
    expect(spy.take()).not.toContain('save')
  })

  it('refuses to assign what is only read, also where JavaScript would pass it over', async () => {
    const [manager, cookie] = await started()
    const session = await open(manager, cookie)
    for (const name of ['id', 'isNew', 'createdAt', 'flash'])
      expect(() => Reflect.set(session, name, 7)).toThrow(
        `session["${name}"] = …: expected session.set("${name}", value)`,
      )
    expect(() => Reflect.set(session, 'userId', 7)).toThrow(
      'session["userId"] = …: expected await session.login(userId)',
    )
    expect(session.userId).toBeUndefined()
  })

  it('refuses to read a key as a property, and tells whoever only probes it that there is none', async () => {
    const [manager, cookie] = await started()
    const session = (await open(manager, cookie)) as Session & Record<string | symbol, unknown>
    for (const key of ['user', '@at', 'then', 'toJSON', 'toString']) session.set(key, 'ada')
    for (const name of ['user', '@at'])
      expect(() => session[name]).toThrow(
        expect.objectContaining({
          code: 'SESS_VALUE',
          message: `session["${name}"]: expected session.get("${name}"), got a property`,
        }),
      )
    expect([session['cart'], session['@created'], session[Symbol.iterator]]).toEqual([undefined, undefined, undefined])
    expect([await Promise.resolve(session), JSON.stringify(session)]).toEqual([session, '{}'])
    expect(session['toString']).toBeTypeOf('function')
    expect((Object.create(session) as typeof session)['user']).toBeUndefined()
  })

  it('takes only a function as callback, and to update, where anything else would end the process', async () => {
    const [manager, cookie, spy] = await started()
    const session = await open(manager, cookie)
    session.set('n', 1)
    const given = 'an id' as never
    for (const method of ['save', 'destroy', 'regenerate'] as const)
      expect(() => session[method](given)).toThrow('option callback: expected a function, got "an id"')
    await expect(session.update('n', given)).rejects.toThrow('option fn: expected a function, got "an id"')
    expect(spy.take()).not.toContain('save')
    expect(await manager.count()).toBe(1)
  })

  it('keeps the keys in the order in which they were first set, whatever they hold', async () => {
    const [manager, cookie] = await started({}, { object: {}, text: 'x', list: [] })
    const session = await open(manager, cookie)
    for (const [key, value] of Object.entries({ d: new Date(0), n: 1, o: { a: 1 }, text: 'y' })) session.set(key, value)
    const keys = ['object', 'text', 'list', 'd', 'n', 'o']
    expect(session.keys()).toEqual(keys)
    await session.release()
    expect((await open(manager, cookie)).keys()).toEqual(keys)
  })

  it('saves an object that was changed in place, and only then', async () => {
    const [manager, cookie, spy] = await started(
      {},
      { user: { name: 'A', tags: ['x'], since: new Date(0) }, other: [1] },
    )
    const session = await open(manager, cookie)
    const user = session.get('user') as { name: string; tags: string[]; since: Date }
    session.get('other')
    await session.release()
    expect(spy.take()).toEqual(['load'])
    user.tags.push('y')
    user.since.setFullYear(2000)
    await session.release()
    user.name = 'B'
    await session.release()
    expect(spy.take()).toEqual(['save', 'save'])
    expect((await open(manager, cookie)).get('user')).toEqual(user)
  })

  it('finds in each of several releases what was changed in place since the one before', async () => {
    const [manager, cookie, spy] = await started({}, { user: { name: 'A' }, long: { text: 'x'.repeat(10_000) } })
    const session = await open(manager, cookie)
    const user = session.get('user') as { name: string }
    const long = session.get('long') as { text: string }
    const saved = ['load']
    for (const name of ['B', 'B', 'A', 'A', 'C']) {
      const isNew = user.name !== name
      user.name = name
      long.text += isNew ? name : ''
      await session.release()
      if (isNew) saved.push('save')
    }
    expect(spy.take()).toEqual(saved)
    expect((await open(manager, cookie)).entries()).toEqual([
      ['user', { name: 'C' }],
      ['long', { text: `${'x'.repeat(10_000)}BAC` }],
    ])
  })

  it('refuses what can not be kept, also where it was put in place', async () => {
    const [manager, cookie] = await started({}, { user: { name: 'A' } })
    const session = await open(manager, cookie)
    const user = session.get('user') as Record<string, unknown>
    await session.release()
    user['greet'] = () => 'hello'
    await expect(session.release()).rejects.toMatchObject({ code: 'SESS_VALUE' })
  })

  it('merges with what others wrote meanwhile, key by key, and shows it after release', async () => {
    const [manager, cookie] = await started({}, { a: 1, b: 1, list: [1] })
    const [one, two] = [await open(manager, cookie), await open(manager, cookie)]
    expect(one.get('b')).toBe(1)
    expect(one.get('list')).toEqual([1])
    two.set('b', 2)
    two.set('list', [2])
    two.delete('a')
    await two.release()
    one.set('c', 3)
    await one.release()
    expect(one.entries()).toEqual([
      ['b', 2],
      ['list', [2]],
      ['c', 3],
    ])
  })

  it('update sees the newest value, and what this request made of it', async () => {
    const [manager, cookie] = await started({}, { n: 1, list: [1] })
    const [one, two] = [await open(manager, cookie), await open(manager, cookie)]
    await two.update<number>('n', (n) => (n ?? 0) + 10)
    expect(await one.update<number>('n', (n) => (n ?? 0) + 1)).toBe(12)
    one.set('n', 100)
    expect(await one.update<number>('n', (n) => (n ?? 0) + 1)).toBe(101)
    ;(one.get('list') as number[]).push(2)
    expect(await one.update<number[]>('list', (list) => [...(list ?? []), 3])).toEqual([1, 2, 3])
    expect(await one.update('n', () => undefined)).toBeUndefined()
    expect((await open(manager, cookie)).entries()).toEqual([['list', [1, 2, 3]]])
  })

  it('update rejects with what the function throws, and nothing is written', async () => {
    const [manager, cookie, spy] = await started({}, { n: 1 })
    const session = await open(manager, cookie)
    await expect(
      session.update('n', () => {
        throw new RangeError('no')
      }),
    ).rejects.toThrow(RangeError)
    await expect(session.update('n', () => (() => 1) as never)).rejects.toMatchObject({ code: 'SESS_VALUE' })
    await session.release()
    expect(spy.take()).toEqual(['load'])
  })

  it('update says when another request ended the session; release is silent and writes nothing', async () => {
    const [manager, cookie, spy] = await started()
    const [one, two] = [await open(manager, cookie), await open(manager, cookie)]
    await manager.destroy(one.id)
    await expect(one.update('n', () => 1)).rejects.toMatchObject({ code: 'SESS_GONE' })
    two.set('a', 1)
    await two.release()
    two.set('b', 1)
    await two.release()
    expect(await spy.records.count()).toBe(0)
  })

  it('keeps a refused value out: the session is as it was', async () => {
    const [manager, cookie] = await started({}, { user: { a: 1 } })
    const session = await open(manager, cookie)
    expect(() => session.set('user', { f: () => 1 })).toThrow(/^session value user\.f: expected/)
    expect(session.get('user')).toEqual({ a: 1 })
    const user = session.get('user') as Record<string, unknown>
    user['bad'] = Symbol('x')
    await expect(session.release()).rejects.toMatchObject({
      code: 'SESS_VALUE',
      message: /^session value user\.bad/ as never,
    })
  })

  it('refuses a key that is no string', async () => {
    const [manager, cookie] = await started()
    const session = await open(manager, cookie)
    for (const key of [undefined, null, 1, {}, Symbol('s')] as never[]) {
      expect(() => session.get(key)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option: 'key' }))
      expect(() => session.set(key, 1 as never)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
    }
  })

  it('a save whose answer was lost is recognised, and nothing is applied twice', async () => {
    const [manager, cookie, spy] = await started({}, { n: 0 })
    const session = await open(manager, cookie)
    const save = spy.records.save.bind(spy.records)
    let lost = 0
    spy.records.save = async (...args) => {
      await save(...args)
      lost++
      throw new Error('connection reset')
    }
    expect(await session.update<number>('n', (n) => (n ?? 0) + 1)).toBe(1)
    spy.records.save = () => Promise.reject(new Error('connection reset'))
    await expect(session.update<number>('n', (n) => (n ?? 0) + 1)).rejects.toMatchObject({ code: 'SESS_STORE' })
    spy.records.save = save
    expect(lost).toBe(1)
    expect((await open(manager, cookie)).get('n')).toBe(1)
  })

  it('what a failed release did not save, the next one does', async () => {
    const [manager, cookie, spy] = await started()
    const session = await open(manager, cookie)
    session.set('a', 1)
    spy.fail = (command) => (command === 'save' ? new Error('down') : undefined)
    await expect(session.release()).rejects.toMatchObject({ code: 'SESS_STORE' })
    spy.fail = () => undefined
    session.set('b', 2)
    await session.release()
    expect((await open(manager, cookie)).keys()).toEqual(['begun', 'a', 'b'])
  })

  it('without a response can not begin, and says so', async () => {
    const [manager] = await started()
    const session = await open(manager, '')
    expect(session.isNew).toBe(true)
    expect(() => session.set('a', 1)).toThrow(/no response to carry its cookie/)
  })

  it('reads the cookie of Fetch API requests too', async () => {
    const [manager, cookie] = await started()
    expect((await manager.read(new Request('http://x/', { headers: { cookie } }))).get('begun')).toBe(true)
    expect((await manager.read({ headers: new Headers() })).isNew).toBe(true)
  })

  it('is read of a request alone, which has headers', async () => {
    const [manager] = await started()
    for (const given of [undefined, 'MacaronSession=x', { req: {} }])
      await expect(manager.read(given as never)).rejects.toThrow(
        /^option request: expected a request, with its headers, got/,
      )
  })

  it('large sessions: 1,000 keys and 1 MiB, read and changed by the key', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`key ${n}`, { n }]))
    const [manager, cookie] = await started({}, { ...many, big: 'x'.repeat(2 ** 20) })
    const session = await open(manager, cookie)
    expect(session.get('key 999')).toEqual({ n: 999 })
    session.set('key 500', 'changed')
    session.delete('key 0')
    await session.release()
    const again = await open(manager, cookie)
    expect(again.keys()).toHaveLength(1000)
    expect([again.get('key 500'), again.has('key 0'), (again.get('big') as string).length]).toEqual([
      'changed',
      false,
      2 ** 20,
    ])
  })
})

describe('lazy: true', () => {
  it('loads nothing until it is asked to, and says so when it was not', async () => {
    const { App } = await import('../test/support/server.js')
    const spy = new Spy()
    const app = await App.start({ provider: spy.provider, lazy: true }, async (req, res) => {
      if (req.url === '/static') return res.end('static')
      if (req.url === '/early') return res.end(String(req.session.get('n')))
      if (req.url === '/update') return res.end(String(await req.session.update<number>('n', (n) => (n ?? 0) + 1)))
      if (req.url === '/out') await req.session.destroy()
      await req.session.load()
      res.end(String(req.session.get('n')))
    })
    const browser = app.browser()
    expect((await browser.get('/early')).status).toBe(500)
    expect(app.errors[0]).toMatchObject({ code: 'SESS_NOT_LOADED' })
    expect((await browser.get('/update')).body).toBe('1')
    spy.take()
    await browser.get('/static')
    expect(spy.take()).toEqual([])
    expect((await browser.get('/')).body).toBe('1')
    expect(spy.take()).toEqual(['load'])
    await browser.get('/out')
    expect(spy.take()).toEqual(['remove'])
    await app.close()
  })
})
