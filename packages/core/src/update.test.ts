import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import { file } from './providers/file.js'
import { memory } from './providers/memory.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider, Session } from './index.js'

const directory = mkdtempSync(join(tmpdir(), 'sess-update-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))

const providers: [string, () => Provider][] = [
  ['memory', () => memory()],
  ['a storage that has to be waited for', () => new Spy().provider],
  ['file', () => file({ path: directory })],
]

const next = (n: number | undefined): number => (n ?? 0) + 1

describe.each(providers)('update on %s', (_name, provider) => {
  const visitor = (): Visitor => new Visitor(sessioner({ provider: provider() }))

  it.each([false, true])('tells and shows the value that is stored (session exists: %s)', async (exists) => {
    const browser = visitor()
    if (exists) await browser.visit((session) => session.set('n', 1))
    const makeOnce = (session: Session): Promise<unknown> => session.update('csrf', (old) => old ?? randomUUID())
    const [told, shown] = await browser.visit(async (session) => [await makeOnce(session), session.get('csrf')])
    const stored = await browser.visit((session) => session.get('csrf'))
    expect([told, shown]).toEqual([stored, stored])
    await browser.app.close()
  })

  it('gives each of parallel requests what its own function made', async () => {
    const browser = visitor()
    await browser.visit((session) => session.set('n', 0))
    const visits = await Promise.all([1, 2, 3, 4, 5].map(() => browser.twin.open()))
    const told = await Promise.all(visits.map(({ session }) => session.update<number>('n', next)))
    expect(told.sort((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5])
    expect(await browser.visit((session) => session.get('n'))).toBe(5)
    await browser.app.close()
  })

  it('gives each of several in one request what its own function made', async () => {
    const browser = visitor()
    await browser.visit((session) => session.set('n', 0))
    const told = await browser.visit((session) =>
      Promise.all([1, 2, 3, 4].map(() => session.update<number>('n', next))),
    )
    expect(told).toEqual([1, 2, 3, 4])
    await browser.app.close()
  })

  it('asks the store also where the function leaves what this request knows as it is', async () => {
    const browser = visitor()
    await browser.visit((session) => session.set('stock', 0))
    const takeOne = (session: Session): Promise<unknown> =>
      session.update<number>('stock', (n = 0) => (n > 0 ? n - 1 : n))
    const [late, tooLate] = [await browser.twin.open(), await browser.twin.open()]
    await browser.visit((session) => session.set('stock', 2))
    expect(await takeOne(late.session)).toBe(1)
    expect(await browser.visit((session) => session.get('stock'))).toBe(1)
    await browser.twin.visit((session) => session.destroy())
    await expect(takeOne(tooLate.session)).rejects.toMatchObject({ code: 'SESS_GONE' })
    await browser.app.close()
  })

  it('that leaves everything as it is refreshes the expiry, as any use does', async () => {
    let now = Date.parse('2026-01-01')
    const browser = new Visitor(sessioner({ provider: provider(), maxLifetime: 600, clock: () => now }))
    await browser.visit((session) => session.set('n', 1))
    for (let round = 0; round < 3; round++) {
      now += 500_000
      expect(await browser.visit((session) => session.update<number>('n', (n) => n))).toBe(1)
    }
    await browser.app.close()
  })

  it('gives an object that is saved when it is changed in place', async () => {
    const browser = visitor()
    await browser.visit(async (session) => {
      const cart = await session.update<string[]>('cart', (old = []) => [...old, 'a'])
      cart!.push('b')
    })
    expect(await browser.visit((session) => session.get('cart'))).toEqual(['a', 'b'])
    await browser.app.close()
  })

  it('that nobody waits for comes before what is done after it', async () => {
    const browser = visitor()
    await browser.visit((session) => ['set', 'deleted', 'other'].forEach((key) => session.set(key, 1)))
    await browser.visit((session) => {
      for (const key of ['set', 'deleted']) void session.update<number>(key, next)
      session.set('set', 100)
      session.delete('deleted')
    })
    expect(await browser.visit((session) => session.entries())).toEqual([
      ['set', 100],
      ['other', 1],
    ])
    await browser.visit((session) => {
      void session.update<number>('set', next)
      session.flush()
    })
    expect(await browser.visit((session) => session.entries())).toEqual([])
    await browser.app.close()
  })
})

describe('update that failed', () => {
  const down = (command: string): Error | undefined => (command === 'save' ? new Error('down') : undefined)

  it.each<[string, (session: Session) => void, unknown]>([
    ['nothing', () => undefined, 1],
    ['a value', (session) => session.set('n', 5), 5],
    ['a removal', (session) => session.delete('n'), undefined],
    ['a flush', (session) => session.flush(), undefined],
  ])('leaves what was there before it: %s', async (_name, before, value) => {
    const spy = new Spy()
    const browser = new Visitor(sessioner({ provider: spy.provider }))
    await browser.visit((session) => session.set('n', 1))
    const shown = await browser.visit(async (session) => {
      before(session)
      spy.fail = down
      await expect(session.update<number>('n', next)).rejects.toMatchObject({ code: 'SESS_STORE' })
      spy.fail = () => undefined
      return session.get('n')
    })
    expect([shown, await browser.visit((session) => session.get('n'))]).toEqual([value, value])
  })

  it('begins no session', async () => {
    const spy = new Spy()
    const browser = new Visitor(sessioner({ provider: spy.provider }))
    await browser.visit(async (session) => {
      spy.fail = down
      await session.update<number>('n', next).catch(() => undefined)
      spy.fail = () => undefined
      expect(session.keys()).toEqual([])
    })
    expect([await spy.records.count(), browser.cookie]).toEqual([0, ''])
  })
})
