import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BareProvider } from '../test/conformance/subjects/bare-provider.js'
import { begin, managerOf, Vault } from '../test/support/vault.js'
import { memory } from './index.js'
import type { Session } from './index.js'

const [OLD, NEW] = [randomBytes(32), randomBytes(32)]
const SECRET = 'ada@example.org, 4 Privet Drive'

let warnings: Error[]
beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning as Error))
})
afterEach(() => vi.restoreAllMocks())

const corrupt: unknown = expect.objectContaining({ code: 'SESS_CORRUPT' })

describe('encryption', () => {
  it('leaves no value in the store, of sessions, messages and indexes; the record stays one key a line', async () => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const { visitor } = await begin(manager, { address: SECRET })
    const id = await visitor.visit(manager, async (session) => {
      await session.login('user 7', `label ${SECRET}`)
      session.flash.info(`message ${SECRET}`)
      return session.id
    })
    const saved: string[] = []
    const save = vi.spyOn(vault.records, 'save')
    await visitor.visit(manager, (session) => session.set('n', [SECRET]))
    for (const call of save.mock.calls) saved.push(call[1])
    const { data } = vault.records.load(id)!
    expect(data).not.toContain('Privet')
    expect(saved.join()).not.toContain('Privet')
    for (const line of data.split('\n').slice(1, -1)) expect(line).toMatch(/^"[@\w]+":"1\.[\w-]{8}\.[\w-]+",?$/)
    expect((await manager.sessionsOf('user 7'))[0]!.label).toBe(`label ${SECRET}`)
    expect(await visitor.visit(manager, ({ flash }) => flash.InfoMsg)).toBe(`message ${SECRET}`)
    expect(await visitor.visit(manager, (session) => session.entries())).toEqual([
      ['address', SECRET],
      ['n', [SECRET]],
    ])
  })

  it('does not write an unchanged session, nor a value that was set to what it is; finds one changed in place', async () => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const { visitor, id } = await begin(manager, { list: [1], n: 1 })
    const before = await vault.record(id)
    await visitor.visit(manager, (session) => {
      session.set('n', 1)
      session.get('list')
    })
    expect(await vault.record(id)).toEqual(before)
    await visitor.visit(manager, (session) => void (session.get('list') as number[]).push(2))
    const after = await vault.record(id)
    expect(after['n']).toBe(before['n'])
    expect(after['list']).not.toBe(before['list'])
    expect(await visitor.visit(manager, (session) => session.get('list'))).toEqual([1, 2])
  })

  it('rotates without log-out: what changes gets the first key, what does not stays under the old one', async () => {
    const vault = new Vault()
    const { visitor, id } = await begin(await vault.manager(OLD), { a: 1, b: 1 })
    const before = await vault.record(id)
    const both = await vault.manager([NEW, OLD])
    await visitor.visit(both, (session) => session.set('b', 2))
    const after = await vault.record(id)
    expect(after['a']).toBe(before['a'])
    await vault.edit(id, (record) => delete record['a'])
    await vault.edit(id, (record) => delete record['@created'])
    expect(await visitor.visit(await vault.manager(NEW), (session) => session.get('b'))).toBe(2)
    await vault.edit(id, (record) => void (record['a'] = before['a']))
    expect(await visitor.visit(both, (session) => session.get('a'))).toBe(1)
    await expect(visitor.visit(await vault.manager(NEW), (session) => session.get('a'))).rejects.toEqual(corrupt)
  })

  it('is not read as plain text by who has no key, and can be ended by him', async () => {
    const [vault, bare] = [new Vault(), new BareProvider()]
    for (const open of [vault.manager.bind(vault), (key?: Buffer) => managerOf(bare, key)]) {
      const { visitor, id } = await begin(await open(OLD), { n: 1 })
      const keyless = await open(undefined)
      await expect(visitor.visit(keyless, (session) => session.userId)).rejects.toEqual(corrupt)
      await keyless.destroy(id)
      expect(await keyless.provider.exist(id)).toBe(false)
    }
  })

  it('keeps the data over a new id, and over log-in, on storages and on bare providers', async () => {
    for (const provider of [memory(), new BareProvider()]) {
      const manager = await managerOf(provider, OLD)
      const { visitor } = await begin(manager, { a: [SECRET] })
      await visitor.visit(manager, (session) => session.regenerate())
      await visitor.visit(manager, async (session) => {
        await session.login(7, SECRET)
        session.set('b', 2)
      })
      expect(await visitor.visit(manager, (session) => session.entries())).toEqual([
        ['a', [SECRET]],
        ['b', 2],
      ])
    }
  })

  it('hides the values that a bare provider keeps', async () => {
    const provider = new BareProvider()
    const { visitor } = await begin(await managerOf(provider, OLD), { address: SECRET })
    const dump = (): string => JSON.stringify([...provider.entries.values()].map(({ texts }) => [...texts]))
    expect(dump()).toContain('address')
    expect(dump()).not.toContain('Privet')
    expect(await visitor.visit(await managerOf(provider, OLD), (session) => session.get('address'))).toBe(SECRET)
  })

  it('keeps parallel changes, and update counts each', async () => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const { visitor } = await begin(manager, { n: 0 })
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        visitor.visit(manager, async (session) => {
          session.set(`own ${i}`, i)
          await session.update<number>('n', (n = 0) => n + 1)
        }),
      ),
    )
    const [n, keys] = await visitor.visit(manager, (session) => [session.get('n'), session.keys().length])
    expect([n, keys]).toEqual([20, 21])
  })
})

describe('CVE-2026-39324: a value that can’t be decrypted taken as plain text', () => {
  const attacks: [string, (record: Record<string, string>, other: Record<string, string>) => unknown][] = [
    ['in plain text', () => 'admin'],
    ['a plain object', () => ({ role: 'admin' })],
    ['of another key', (record) => record['a']],
    ['of another session', (_, other) => other['role']],
    ['cut short', ({ role }) => `${role!.slice(0, -4)}`],
    ['empty', ({ role }) => role!.split('.').slice(0, 2).join('.').concat('.AA')],
    ['with a bit flipped', ({ role }) => role!.slice(0, 30) + (role![30] === 'A' ? 'B' : 'A') + role!.slice(31)],
    [
      'of a key that is not ours',
      ({ role }) => role!.replace(/^1\.[\w-]/, (start) => `1.${start[2] === 'x' ? 'y' : 'x'}`),
    ],
    ['of another format', ({ role }) => role!.replace(/^1/, '2')],
  ]

  it.each(attacks)('%s is an error for that session, reported', async (_, forge) => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const { visitor, id } = await begin(manager, { role: 'user!', a: 'admin' })
    const other = await begin(manager, { role: 'admin' })
    const stranger = await vault.record(other.id)
    await vault.edit(id, (record) => void (record['role'] = forge(record as Record<string, string>, stranger)))
    for (const use of [(s: Session) => s.get('role'), (s: Session) => s.has('role'), (s: Session) => s.entries()]) {
      await expect(visitor.visit(manager, use)).rejects.toEqual(corrupt)
    }
    expect(warnings).toContainEqual(corrupt)
    expect(warnings[0]!.message).toContain(`session ${id}, "role": expected a value that encryptionKey encrypted`)
    expect(warnings[0]!.message).not.toContain('admin')
    expect(await visitor.visit(manager, (session) => session.get('a'))).toBe('admin')
    expect(await other.visitor.visit(manager, (session) => session.get('role'))).toBe('admin')
  })

  it('a session that was moved to another id as it is opens nowhere', async () => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const [mine, theirs] = [await begin(manager, { a: 'mine' }), await begin(manager, { a: 'theirs' })]
    vault.records.remove(mine.id)
    vault.records.rename(theirs.id, mine.id, 60)
    await expect(mine.visitor.visit(manager, (session) => session.get('a'))).rejects.toEqual(corrupt)
  })

  it('plain sessions from before the option was set are errors, and so are encrypted ones without it', async () => {
    const vault = new Vault()
    const { visitor } = await begin(await vault.manager(), { a: 1 })
    await expect(visitor.visit(await vault.manager(OLD), (session) => session.get('a'))).rejects.toEqual(corrupt)
  })

  it('a session whose user can’t be read can be logged out', async () => {
    const vault = new Vault()
    const manager = await vault.manager(OLD)
    const { visitor } = await begin(manager, { a: 1 })
    const id = await visitor.visit(manager, async (session) => {
      await session.login(7)
      return session.id
    })
    await vault.edit(id, (record) => void (record['@user'] = '8'))
    await expect(visitor.visit(manager, (session) => session.userId)).rejects.toEqual(corrupt)
    await visitor.visit(manager, (session) => session.logout())
    expect(vault.records.exists(id)).toBe(false)
    expect(visitor.hasCookie).toBe(false)
  })
})
