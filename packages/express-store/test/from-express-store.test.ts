import { setTimeout as sleep } from 'node:timers/promises'
import { createManager } from '@sess/core'
import type { Provider, SessionError } from '@sess/core'
import { sessioner } from '@sess/core/express'
import session from 'express-session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromExpressStore } from '../src/index.js'
import type { Callback } from '../src/index.js'
import { App, Browser } from './support/app.js'
import { kinds } from './support/stores.js'

const running: App[] = []
afterEach(async () => {
  for (const app of running.splice(0)) await app.stop()
})

class Bare {
  readonly sessions: Map<string, string> = new Map()

  get(sid: string, callback: Callback<never>): unknown {
    const text = this.sessions.get(sid)
    callback(null, text === undefined ? undefined : (JSON.parse(text) as never))
    return undefined
  }

  set(sid: string, value: unknown, callback: Callback): void {
    this.sessions.set(sid, JSON.stringify(value))
    callback()
  }

  destroy(sid: string, callback: Callback): void {
    this.sessions.delete(sid)
    callback()
  }
}

async function opened(store: Bare, storeTimeout = 5): Promise<Provider> {
  const provider = fromExpressStore(store)
  const encode = (value: unknown): string => JSON.stringify(value)
  const codec = { encode, decode: (text: string): unknown => JSON.parse(text) }
  await provider.init(60, '', { clock: Date.now, codec, idLength: 16, storeTimeout, report: () => undefined })
  return provider
}

const ID = 'A'.repeat(16)

describe.each(kinds)('sessioner over $name', ({ isAvailable, open }) => {
  it.skipIf(!isAvailable)('logs in, keeps values, counts users, logs out', async () => {
    const sessions = sessioner({ provider: fromExpressStore(open()) })
    const app = await App.start((site) => {
      site.use(sessions)
      site.get('/login', async (req, res) => {
        const ours = sessions.of(req)!
        await ours.login('ada')
        ours.set('since', new Date(0))
        res.end()
      })
      site.get('/logout', async (req, res) => {
        await sessions.of(req)!.logout()
        res.end()
      })
      site.get('/', (req, res) => {
        res.json([sessions.of(req)!.userId, sessions.of(req)!.get('since') instanceof Date])
      })
    })
    running.push(app)
    const browser = new Browser(app)
    await browser.get('/login')
    expect((await browser.get('/')).body).toBe('["ada",true]')
    expect(await sessions.manager.sessionsOf('ada')).toHaveLength(1)
    await browser.get('/logout')
    expect((await browser.get('/')).body).toBe('[null,false]')
    await sessions.close()
  })
})

describe('fromExpressStore', () => {
  it.each([undefined, {}, { get: () => undefined, set: () => undefined }])('refuses what is no store: %j', (store) => {
    expect(() => fromExpressStore(store as never)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
  })

  it('declares what such a store cannot promise', async () => {
    expect((await opened(new Bare())).capabilities).toEqual({ merge: false, gone: false, count: false, values: true })
    expect((await opened(new session.MemoryStore() as never)).capabilities).toMatchObject({ count: true })
  })

  it('says so once for each kind of store', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    class Kind extends Bare {}
    for (let n = 0; n < 2; n++) await createManager({ provider: fromExpressStore(new Kind()) }).ready()
    expect(warned.mock.calls.map(([error]) => (error as Error).message)).toEqual([
      expect.stringMatching(/^the express-session store Kind can't write on condition: .* lost.* come back/),
    ])
    warned.mockRestore()
  })

  it('works with a store that has neither touch nor all', async () => {
    const store = new Bare()
    const provider = await opened(store)
    await (await provider.read(ID)).release()
    const before = store.sessions.get(ID)
    await new Promise((done) => setTimeout(done, 5))
    await (await opened(store)).open!(ID).then((found) => found!.release())
    await (await opened(store)).open!(ID).then((found) => found!.release())
    expect(store.sessions.get(ID)).not.toBe(before)
    await expect(provider.count()).rejects.toMatchObject({ code: 'SESS_UNSUPPORTED' } satisfies Partial<SessionError>)
  })

  it('takes ENOENT for absent, and any other error for a failure', async () => {
    const error = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    class Failing extends Bare {
      override get(_sid: string, callback: Callback<never>): void {
        callback(error)
      }
    }
    const provider = await opened(new Failing())
    expect(await provider.exist(ID)).toBe(false)
    error.code = 'EACCES'
    await expect(provider.exist(ID)).rejects.toBe(error)
  })

  it("fails where a store of files can't save, since its folder is gone", async () => {
    class WithoutFolder extends Bare {
      override set(_sid: string, _value: unknown, callback: Callback): void {
        callback(Object.assign(new Error('no such file or directory'), { code: 'ENOENT' }))
      }
    }
    const provider = await opened(new WithoutFolder())
    const raw = provider.create!(ID)
    raw.set('n', 1)
    await expect(raw.release()).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([undefined, null, 'refused'])('takes a rejection with %j for a failure, at once', async (reason) => {
    class Rejecting extends Bare {
      override get(): unknown {
        return Promise.reject(reason as unknown as Error)
      }
    }
    await expect((await opened(new Rejecting())).exist(ID)).rejects.toThrow(String(reason))
  })

  it.each([false, 0, ''])('takes %j for no error, and for no session, as express-session does', async (nothing) => {
    class Falsy extends Bare {
      override get(sid: string, callback: Callback<never>): void {
        super.get(sid, (_error, session) => callback(nothing, session ?? (nothing as never)))
      }
    }
    const provider = await opened(new Falsy())
    expect(await provider.exist(ID)).toBe(false)
    await (await provider.read(ID)).release()
    expect(await provider.exist(ID)).toBe(true)
  })

  it('takes a rejection for a failure, and a promise that resolves before the answer for none', async () => {
    class Async extends Bare {
      override async get(sid: string, callback: Callback<never>): Promise<void> {
        if (sid !== ID) throw new Error('refused')
        setTimeout(() => super.get(sid, callback), 5)
      }
    }
    const store = new Async()
    const provider = await opened(store)
    store.sessions.set(ID, JSON.stringify({ cookie: {}, id: ID, version: 'v', data: '{}' }))
    expect(await provider.exist(ID)).toBe(true)
    await expect(provider.exist('B'.repeat(16))).rejects.toThrow('refused')
  })

  it('goes on when a silent store speaks again', async () => {
    class Silent extends Bare {
      isSilent = false

      override get(sid: string, callback: Callback<never>): void {
        if (!this.isSilent) super.get(sid, callback)
      }
    }
    const store = new Silent()
    const provider = await opened(store, 0.05)
    const held = await provider.read(ID)
    held.set('n', 1)
    store.isSilent = true
    await expect(held.release()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    store.isSilent = false
    await held.release()
    expect((await provider.open!(ID))!.get('n')).toBe(1)
  })

  it('takes what session-file-store makes of one that expired while it was refreshed for none, and its id for free', async () => {
    const store = kinds.find(({ name }) => name === 'session-file-store')!.open()
    const provider = await opened(store as never)
    const cookieFor = (ms: number): object => ({ originalMaxAge: ms, expires: new Date(Date.now() + ms) })
    const kept = { id: ID, version: '1', data: '{}' }
    await new Promise((done) => store.set(ID, { ...kept, cookie: cookieFor(1) } as never, done))
    await sleep(20)
    await new Promise((done) => store.touch!(ID, { ...kept, cookie: cookieFor(60_000) } as never, done as never))
    expect(await provider.exist(ID)).toBe(false)
    const raw = await provider.read(ID)
    raw.set('n', 1)
    await raw.release()
    expect((await provider.read(ID)).get('n')).toBe(1)
  })

  it('refuses a session that it did not write', async () => {
    const store = new Bare()
    store.sessions.set(ID, '{"cookie":{},"user":"ada"}')
    await expect((await opened(store)).open!(ID)).rejects.toMatchObject({ code: 'SESS_CORRUPT' })
  })
})
