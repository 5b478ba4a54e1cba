import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import { sessioner as expressSessioner } from './adapters/express.js'
import { defineProvider, file, SessionError } from './index.js'
import type { Session, SessionOptions } from './index.js'
import { CREATED_AT, FLASH, LIFETIME, RENEWED_AT, SUCCESSOR, USER_ID } from './own-keys.js'
import { MemoryStorage } from './providers/memory.js'

const corrupt: unknown = expect.objectContaining({ code: 'SESS_CORRUPT' })
const NO_RECORDS = ['', 'garbage', '[]', 'null', '{\nxx\n}']
let now = Date.parse('2026-01-01')
afterEach(() => vi.restoreAllMocks())

/** A storage that does not tell when a record expires. */
class Silent extends MemoryStorage {
  isSound = (_data: string): boolean => true

  override load(id: string, ttl?: number): never {
    const loaded = super.load(id, ttl)
    if (loaded && !this.isSound(loaded.data)) throw new SessionError('SESS_CORRUPT', 'no record')
    return (loaded && { data: loaded.data, version: loaded.version }) as never
  }
}

/** A visitor whose session something else wrote over. */
async function damaged(text: string, options: SessionOptions = {}): Promise<[Visitor, string, Spy]> {
  const spy = new Spy()
  const visitor = new Visitor(sessioner({ provider: spy.provider, ...options }))
  const id = await visitor.visit(async (session) => {
    await session.load()
    session.set('user', 1)
    return session.id
  })
  await damage(spy, id, text)
  return [visitor, id, spy]
}

async function damage({ records }: Spy, id: string, text: string): Promise<void> {
  const { version } = (await records.load(id))!
  await records.save(id, text, 3600, version, 'damaged')
}

describe.each(NO_RECORDS)('a session whose record is %j', (text) => {
  it('is an error that names it, as often as it is opened, and stays for whoever can repair it', async () => {
    const [visitor, id, { records }] = await damaged(text)
    for (let round = 0; round < 2; round++) {
      const reading = visitor.visit((session) => session.get('user'))
      await expect(reading).rejects.toMatchObject({
        code: 'SESS_CORRUPT',
        message: expect.stringContaining(id) as string,
      })
    }
    expect(await records.load(id)).toMatchObject({ data: text })
  })

  it.each([0, 600])('can be ended by its id (renewEvery: %i)', async (renewEvery) => {
    const [visitor, id, { records }] = await damaged(text, { renewEvery })
    await visitor.app.manager.destroy(id)
    expect(await records.exists(id)).toBe(false)
    expect(await visitor.visit((session) => session.isNew)).toBe(true)
  })

  it.each([false, true])('can be ended by a lazy request (which had tried to load it: %s)', async (tries) => {
    const [visitor, id, { records }] = await damaged(text, { lazy: true })
    await visitor.visit(async (session) => {
      if (tries) await expect(session.load().then(() => session.get('user'))).rejects.toThrow(corrupt as Error)
      await session.destroy()
      session.set('user', 2)
    })
    expect(await records.exists(id)).toBe(false)
    expect(await visitor.visit((session) => session.load().then(() => session.get('user')))).toBe(2)
  })
})

describe('a damaged session', () => {
  it('can be ended by the error handler of an application that is not lazy', async () => {
    const spy = new Spy()
    const sessions = expressSessioner({ provider: spy.provider })
    const app = express()
    app.use(sessions)
    app.get('/', (req, res) => {
      req.session.set('user', 1)
      res.send(req.session.id)
    })
    app.use((error: { code?: string }, req: express.Request, res: express.Response, next: express.NextFunction) => {
      if (error.code !== 'SESS_CORRUPT') return next(error)
      return req.session.destroy().then(() => res.status(500).send('begin anew'), next)
    })
    const server = app.listen(0)
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
    const first = await fetch(url)
    const id = await first.text()
    await damage(spy, id, 'garbage')
    const answer = await fetch(url, { headers: { cookie: first.headers.getSetCookie()[0]!.split(';')[0]! } })
    expect([answer.status, await answer.text()]).toEqual([500, 'begin anew'])
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
    expect(await spy.records.exists(id)).toBe(false)
    server.close()
    await sessions.close()
  })

  it.each([
    ['', 'core'],
    [' or a driver', 'driver'],
  ])(
    'that core%s can not read is over when its lifetime is, where the store does not tell the expiry',
    async (_, who) => {
      const clock = (): number => now
      const storage = new Silent(Number.POSITIVE_INFINITY, clock)
      const provider = defineProvider({ name: 'silent', open: () => storage })
      const visitor = new Visitor(sessioner({ provider, clock, maxLifetime: 600 }))
      const id = await visitor.visit((session) => {
        session.set('user', 1)
        return session.id
      })
      await visitor.visit(() => undefined)
      if (who === 'driver') storage.isSound = (data) => data !== 'garbage'
      storage.save(id, 'garbage', 600, (storage.load(id) as { version: string }).version, 'damaged')
      for (let minute = 0; minute < 19; minute++) {
        now += 60_000
        await visitor.visit(() => undefined).catch(() => undefined)
      }
      expect(storage.exists(id)).toBe(false)
    },
  )

  it('that was repaired is refreshed again', async () => {
    const clock = (): number => now
    const storage = new Silent(Number.POSITIVE_INFINITY, clock)
    const provider = defineProvider({ name: 'silent', open: () => storage })
    const visitor = new Visitor(sessioner({ provider, clock, maxLifetime: 600 }))
    const id = await visitor.visit((session) => {
      session.set('user', 1)
      return session.id
    })
    const { data } = storage.load(id) as { data: string }
    const write = (text: string): unknown =>
      storage.save(id, text, 600, (storage.load(id) as { version: string }).version, text.slice(0, 4))
    await visitor.visit(() => undefined)
    write('garbage')
    now += 60_000
    await visitor.visit(() => undefined).catch(() => undefined)
    write(data)
    for (let minute = 0; minute < 19; minute++) {
      now += 60_000
      await visitor.visit(() => undefined)
    }
    expect(await visitor.visit((session) => session.get('user'))).toBe(1)
  })

  it('is not taken for an outage where another tool nested it deeper than the stack', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const [visitor] = await damaged(`{"user":${deep}}`, { onOutage: 'anonymous' })
    await expect(visitor.visit((session) => session.get('user'))).rejects.toThrow(corrupt as Error)
  })

  it.each(['x', '"x"', '{}'])('is not taken for an outage where its lifetime is %s', async (lifetime) => {
    const [visitor, id, { records }] = await damaged(`{\n"${LIFETIME}":${lifetime},\n"user":1\n}`)
    await visitor.visit((session) => session.set('n', 1)).catch((error: unknown) => expect(error).toEqual(corrupt))
    await visitor.app.manager.destroy(id)
    expect(await records.exists(id)).toBe(false)
  })

  const read: [key: string, visit: (session: Session) => unknown, options: SessionOptions, values: string[]][] = [
    [FLASH, ({ flash }) => flash.messages, {}, ['7', 'null', '{}', '["x"]', '[["n","info"]]', '[["n","info",7]]']],
    [FLASH, ({ flash }) => flash.info('x'), {}, ['true', '[null]']],
    [FLASH, ({ flash }) => flash.take(), {}, ['"text"', '[7]']],
    [SUCCESSOR, () => undefined, {}, ['7', '"x"', '{}', '{"id":"x","salt":7,"until":9e15}', '{"id":"x","salt":"x"}']],
    [USER_ID, ({ userId }) => userId, {}, ['7', 'null', '{}']],
    [USER_ID, (session) => session.login('ada'), {}, ['7', '[]']],
    [CREATED_AT, ({ createdAt }) => createdAt, {}, ['"x"', 'null', '{"@Number":"NaN"}']],
    [CREATED_AT, () => undefined, { absoluteLifetime: 600 }, ['"x"', '[]']],
    [CREATED_AT, () => undefined, { renewEvery: 600 }, ['"x"', '{}']],
    [RENEWED_AT, () => undefined, { renewEvery: 600 }, ['"x"', 'null']],
    [LIFETIME, ({ lifetime }) => lifetime, {}, ['"x"', '-1', '1.5', '1e12', 'null']],
  ]
  const each = read.flatMap(([key, visit, options, values]) => values.map((value) => ({ key, value, visit, options })))
  it.each(each)('whose $key is $value is an error that names both, and can be ended', async (one) => {
    const { key, value, visit, options } = one
    const own = key === CREATED_AT ? '' : `"${CREATED_AT}":1767225600000,\n`
    const [visitor, id, { records }] = await damaged(`{\n${own}"${key}":${value},\n"n":0\n}`, options)
    const message = expect.stringMatching(`^session ${id}, "${key}": expected .+, got .+`) as string
    await expect(visitor.visit(visit)).rejects.toMatchObject({ code: 'SESS_CORRUPT', message })
    await visitor.app.manager.destroy(id)
    expect(await records.exists(id)).toBe(false)
  })

  it('whose key is damaged in its name is told of as such, and can be ended', async () => {
    const [visitor, id, { records }] = await damaged('{\n"user":1,\n"a\\u00":1\n}')
    await expect(visitor.visit((session) => session.keys())).rejects.toThrow(corrupt as Error)
    await visitor.app.manager.destroy(id)
    expect(await records.exists(id)).toBe(false)
  })

  it.each([0, 600])(
    'whose successor is damaged can be ended while it is renewed (renewEvery: %i)',
    async (renewEvery) => {
      const [visitor, id, { records }] = await damaged(`{\n"${SUCCESSOR}":7\n}`, { renewEvery })
      await visitor.app.manager.destroy(id)
      expect(await records.exists(id)).toBe(false)
    },
  )

  it('is not destroyed by a wrong encryptionKey', async () => {
    const [spy, again] = [new Spy(), new Spy()]
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
    const right = new Visitor(sessioner({ provider: spy.provider, encryptionKey: keys[0]! }))
    await right.visit((session) => session.set('user', 1))
    again.records = spy.records
    vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const wrong = new Visitor(sessioner({ provider: again.provider, encryptionKey: keys[1]! }), right.cookie)
    await expect(wrong.visit((session) => session.get('user'))).rejects.toThrow(corrupt as Error)
    expect(await right.visit((session) => session.get('user'))).toBe(1)
  })

  it.each(['[]', 'null', '7', '"text"'])(
    'on the provider file is set aside, also where it is JSON: %s',
    async (text) => {
      vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
      const path = mkdtempSync(join(tmpdir(), 'sess-corrupt-'))
      const visitor = new Visitor(sessioner({ provider: file({ path }) }))
      const id = await visitor.visit((session) => {
        session.set('user', 1)
        return session.id
      })
      const folder = join(path, id[0]!, id[1]!)
      writeFileSync(join(folder, id), `sess1 v1 ${Date.now() + 60_000}\n${text}`)
      await expect(visitor.open()).rejects.toThrow(corrupt as Error)
      expect(await visitor.visit((session) => session.isNew)).toBe(true)
      expect(readdirSync(folder)).toContain(`${id}.corrupt`)
      rmSync(path, { recursive: true })
    },
  )
})
