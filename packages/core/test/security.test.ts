/** Each row of the requirements that concerns core or file, named after the CVE that others had. */
import { randomFillSync } from 'node:crypto'
import crypto from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createManager, file, memory, sessioner } from '../src/index.js'
import { App, tokenIn } from './support/server.js'
import { Spy } from './support/spy-provider.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-security-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const HOSTILE = [
  '../../../etc/passwd',
  '..',
  '../x',
  '..\\x',
  'a/b',
  '/etc/passwd',
  'a\0b',
  '%2e%2e%2f',
  '%2e',
  '．．／',
  'é'.repeat(32),
  'A'.repeat(33),
  'A'.repeat(31),
  'A'.repeat(100_000),
  '',
  ' ',
  '*',
  '?',
  'a b',
  'a\r\nb',
  "'; DROP TABLE session; --",
  '{}',
]

describe('CVE-2018-18925: an id that is a path', () => {
  it.each(['memory', 'file'])('reaches nothing on %s, whatever method it is given to', async (name) => {
    const root = join(folder, 'root')
    const provider = name === 'file' ? file({ path: root }) : memory()
    await provider.init(60, '')
    const ids = [...HOSTILE.filter((id) => !/^[\w~-]{1,64}$/.test(id)), undefined, null, 7, {}, ['a']] as string[]
    for (const id of ids) {
      const calls = [
        () => provider.read(id),
        () => provider.exist(id),
        () => provider.destroy(id),
        () => provider.open!(id),
        () => provider.regenerate(id, 'A'.repeat(16)),
        () => provider.regenerate('A'.repeat(16), id),
        async () => provider.create!(id),
      ]
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'SESS_ID' })
    }
    if (name === 'file') expect(await readdir(root)).toEqual([])
    expect(await readdir(folder)).toEqual(name === 'file' ? ['root'] : [])
    await provider.close!()
  })

  it('in the cookie is no session and costs no store command', async () => {
    const spy = new Spy()
    const app = await App.start({ provider: spy.provider }, (req, res) => res.end(String(req.session.isNew)))
    const manager = app.sessions.manager
    const good = 'A'.repeat(32)
    const several = [`MacaronSession=${good}; MacaronSession=${good}`, `MacaronSession=${good};MacaronSession=x`]
    for (const header of [...HOSTILE.map((token) => `MacaronSession=${token}`), ...several]) {
      expect(manager.tokenOf(header)).toBeUndefined()
      if (/^[\x20-\x7e]*$/.test(header) && header.length < 9000)
        expect((await app.request('/', header)).body).toBe('true')
    }
    expect(spy.take()).toEqual([])
    await app.close()
  })
})

describe('CVE-2019-16354: session files that others can read', () => {
  it.each([0o000, 0o022, 0o077, 0o277, 0o777])('modes are 0600 and 0700 with umask %o', async (umask) => {
    const root = join(folder, `u${umask.toString(8)}`, 'sessions')
    const before = process.umask(umask)
    try {
      vi.resetModules()
      const fresh = await import('../src/index.js')
      const provider = fresh.file({ path: root })
      await provider.init(60, '')
      const store = provider.create!('A1bcdefghijklmno')
      store.set('a', 1)
      await store.release()
      const modes: number[] = []
      for (const path of ['', 'A', 'A/1', 'A/1/A1bcdefghijklmno'])
        modes.push((await stat(join(root, path))).mode & 0o777)
      expect(modes.map((mode) => mode.toString(8))).toEqual(['700', '700', '700', '600'])
      await provider.close!()
    } finally {
      process.umask(before)
      await chmod(join(folder, `u${umask.toString(8)}`), 0o700)
    }
  })
})

describe('CVE-2020-9484: a planted payload', () => {
  it('is inert: __proto__, constructor and unknown tags make nothing', async () => {
    const { defaultCodec } = await import('../src/codec.js')
    const planted = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    const value = defaultCodec.decode(planted, 'key') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(defaultCodec.encode(value, 'key')).toBe(planted)
    for (const tag of ['Function', 'Error', 'Proxy', 'globalThis', '__proto__', 'Promise', 'Symbol']) {
      expect(() => defaultCodec.decode(`{"@${tag}":"AAAA"}`, 'key')).toThrow(/unknown tag/)
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('CVE-2019-16782: look-up by the raw id', () => {
  it('the store never sees the token', async () => {
    const app = await App.start({ provider: file({ path: folder }) }, (req, res) => {
      req.session.set('id', req.session.id)
      res.end(req.session.id)
    })
    const browser = app.browser()
    const id = (await browser.get('/')).body
    const token = tokenIn(browser)!
    expect(id).toHaveLength(16)
    expect(token.startsWith(id)).toBe(false)
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath ?? entry.path, entry.name), 'utf8'))
    const dump = files.map((entry) => entry.name).join() + (await Promise.all(texts)).join()
    expect(dump).toContain(id)
    expect(dump).not.toContain(token)
    await app.close()
  })
})

describe('CVE-2025-46336: a slow request and a log-out', () => {
  it('a session that was logged out stays out, and the slow response carries no cookie', async () => {
    let go!: () => void
    const gate = new Promise<void>((done) => (go = done))
    const app = await App.start({}, async (req, res) => {
      if (req.url === '/out') await req.session.destroy()
      if (req.url === '/slow') await gate
      if (req.url !== '/out') req.session.set('user', 'me')
      res.end()
    })
    const browser = app.browser()
    await browser.get('/')
    const cookie = browser.cookie
    const slow = app.request('/slow', cookie)
    await new Promise((done) => setTimeout(done, 20))
    await browser.get('/out')
    go()
    expect(await slow).toMatchObject({ status: 200, setCookie: [] })
    expect(await app.sessions.manager.count()).toBe(0)
    await app.close()
  })
})

describe('CVE-2024-38513: an id that the client chose', () => {
  it('is not adopted: another one is issued', async () => {
    const app = await App.start({}, (req, res) => {
      req.session.set('a', 1)
      res.end()
    })
    const browser = app.browser()
    browser.jar.set('MacaronSession', 'A'.repeat(32))
    expect((await browser.get('/')).setCookie).toHaveLength(1)
    expect(tokenIn(browser)).not.toBe('A'.repeat(32))
    await app.close()
  })
})

describe('CVE-2022-25896: log-in without rotation', () => {
  it('after regenerate the old token is dead, with requests on it in flight too', async () => {
    let go!: () => void
    const gate = new Promise<void>((done) => (go = done))
    const app = await App.start({}, async (req, res) => {
      if (req.url === '/slow') await gate
      if (req.url === '/login') {
        await req.session.regenerate()
        req.session.set('user', 'me')
      }
      if (req.url === '/' || req.url === '/slow') req.session.set('seen', true)
      res.end(`${req.session.isNew} ${String(req.session.get('seen'))} ${String(req.session.get('user'))}`)
    })
    const browser = app.browser()
    await browser.get('/')
    const old = browser.cookie
    const slow = app.request('/slow', old)
    await new Promise((done) => setTimeout(done, 20))
    expect((await browser.get('/login')).body).toBe('false true me')
    go()
    expect((await slow).setCookie).toEqual([])
    expect((await app.request('/read', old)).body).toBe('true undefined undefined')
    expect((await app.request('/read', browser.cookie)).body).toBe('false true me')
    expect(await app.sessions.manager.count()).toBe(1)
    await app.close()
  })
})

describe('CVE-2025-66630: a random source that fails', () => {
  it('is a hard error, and works again when the source does', async () => {
    vi.resetModules()
    const spied = vi.spyOn(crypto, 'randomFillSync').mockImplementation(() => {
      throw new Error('no entropy')
    })
    const { newToken, newVersion } = await import('../src/token.js')
    expect(() => newToken()).toThrow('no entropy')
    expect(() => newVersion()).toThrow('no entropy')
    expect(() => newToken()).toThrow('no entropy')
    spied.mockImplementation(randomFillSync as never)
    const tokens = Array.from({ length: 10_000 }, newToken)
    expect(new Set(tokens).size).toBe(10_000)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{32}$/)
  })
})

describe('CVE-2026-25899: a tiny cookie that allocates much', () => {
  it('an over-long Cookie header is not looked at', () => {
    const manager = createManager()
    expect(manager.tokenOf(`MacaronSession=${'A'.repeat(32)}`)).toBe('A'.repeat(32))
    expect(manager.tokenOf(`${'x'.repeat(40_000)}; MacaronSession=${'A'.repeat(32)}`)).toBeUndefined()
    expect(manager.tokenOf('MacaronSession='.repeat(1000))).toBeUndefined()
  })
})

describe('CVE-2024-35220: an expiry that is lost over the store', () => {
  it.each(['memory', 'file'])('lives exactly maxLifetime after its last use on %s, by the clock', async (name) => {
    let now = Date.parse('2026-01-01')
    const provider = name === 'file' ? file({ path: folder }) : memory()
    const app = await App.start({ provider, maxLifetime: 60, clock: () => now }, (req, res) => {
      if (req.url === '/set') req.session.set('n', Math.random())
      res.end(String(req.session.isNew))
    })
    const browser = app.browser()
    await browser.get('/set')
    now += 59_000
    expect((await browser.get('/')).body).toBe('false')
    now += 59_000
    expect((await browser.get('/set')).body).toBe('false')
    now += 60_001
    expect((await browser.get('/')).body).toBe('true')
    await app.close()
  })

  it('ends at absoluteLifetime although it is used, and is removed', async () => {
    let now = Date.parse('2026-01-01')
    const app = await App.start({ maxLifetime: 60, absoluteLifetime: 100, clock: () => now }, async (req, res) => {
      if (req.url === '/set') req.session.set('n', Math.random())
      if (req.url === '/regenerate') await req.session.regenerate()
      res.end(String(req.session.isNew))
    })
    const browser = app.browser()
    await browser.get('/set')
    for (const path of ['/set', '/regenerate', '/set']) {
      now += 33_000
      expect((await browser.get(path)).body).toBe('false')
    }
    now += 1000
    expect((await browser.get('/')).body).toBe('true')
    expect(await app.sessions.manager.count()).toBe(0)
    await app.close()
  })
})

describe('CVE-2015-5143, 5963, 5964: records for nobody', () => {
  it('10,000 requests with random tokens, and log-outs of nobody, leave no record and set no cookie', async () => {
    const sessions = sessioner({ provider: 'file', providerConfig: folder })
    const { manager } = sessions
    const { newToken } = await import('../src/token.js')
    let known = 0
    for (let n = 0; n < 10_000; n++) {
      const session = await manager.read({ headers: { cookie: `MacaronSession=${newToken()}` } })
      if (!session.isNew) known++
      if (n % 10 === 0) await session.destroy()
    }
    expect(known).toBe(0)
    expect(await manager.count()).toBe(0)
    expect(await readdir(folder)).toEqual([])
    await sessions.close()
  })
})

describe('CVE-2015-3982: flush', () => {
  it('leaves no empty key, and keeps the session and when it began', async () => {
    const app = await App.start({}, (req, res) => {
      if (req.url === '/set') req.session.set('a', 1)
      if (req.url === '/flush') req.session.flush()
      res.end(JSON.stringify([req.session.isNew, req.session.keys(), req.session.createdAt]))
    })
    const browser = app.browser()
    const [, , createdAt] = JSON.parse((await browser.get('/set')).body) as [boolean, string[], string]
    await browser.get('/flush')
    expect(JSON.parse((await browser.get('/')).body)).toEqual([false, [], createdAt])
    await app.close()
  })
})

describe('CVE-2024-47764: attributes injected through options', () => {
  const injected: [string, string][] = [
    ['cookieName', 'a;b'],
    ['cookieName', 'a\r\nb'],
    ['cookieName', 'a,b'],
    ['cookieName', 'a=b'],
    ['cookiePath', '/;Domain=evil'],
    ['cookiePath', '/\r\nSet-Cookie: a=b'],
    ['domain', 'a;Secure'],
    ['domain', 'a\nb'],
    ['domain', 'a,b'],
  ]
  it.each(injected)('%s %j throws at start', (option, value) => {
    expect(() => sessioner({ [option]: value })).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
  })
})

describe('CVE-2016-1000236: === on a signature', () => {
  it('signatures are compared in constant time, and any wrong one is refused', async () => {
    const spied = vi.spyOn(crypto, 'timingSafeEqual')
    const { TokenSigner, newToken } = await import('../src/token.js')
    const signer = new TokenSigner(['first secret, 22 chars', 'second secret, 23 chars'])
    const token = newToken()
    const signed = signer.sign(token)
    expect(signer.verify(signed)).toBe(token)
    expect(spied).toHaveBeenCalled()
    expect(new TokenSigner(['another secret altogether', 'first secret, 22 chars']).verify(signed)).toBe(token)
    expect(new TokenSigner(['another secret altogether']).verify(signed)).toBeUndefined()
    for (let at = 0; at < signed.length; at++) {
      const wrong = signed.slice(0, at) + (signed[at] === 'A' ? 'B' : 'A') + signed.slice(at + 1)
      if (at < signed.length - 1) expect(signer.verify(wrong)).toBeUndefined()
    }
    for (const text of ['', '.', token, `${token}.`, `${signed}.x`, `${signed}x`])
      expect(signer.verify(text)).toBeUndefined()
  })
})
