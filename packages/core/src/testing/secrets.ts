/**
 * What a store gives away: no token ever, and with `encryptionKey` no value.
 * @module
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Manager } from '../manager.js'
import type { Session } from '../session.js'
import type { Storage } from '../storage.js'
import { newVersion } from '../token.js'
import { Skipped } from './fixture.js'
import type { State } from './steps.js'
import type { Visitor } from './visitor.js'
import { visitorWith } from './visitor.js'

const newKey = (): Buffer => randomBytes(32)
const CORRUPT = { code: 'SESS_CORRUPT' }

export function secrets(state: State): void {
  state('a stolen dump holds no token', async (fixture) => {
    const { manager, dump } = await fixture.dumped()
    const [visitor, id] = await visitorWith(manager, { n: 1 })
    await visitor.visit(manager, (session) => session.login('user 7', 'desk'))
    const loggedIn = await visitor.visit(manager, (session) => session.id)
    const bytes = await dump()
    assert.notEqual(loggedIn, id)
    assert.ok(bytes.includes(loggedIn), 'expected the dump to hold the session that was saved, but its id is not in it')
    assert.ok(!bytes.includes(tokenOf(visitor)), 'the dump holds the token')
  })

  state('a stolen dump holds values, labels and messages, and with encryptionKey none of them', async (fixture) => {
    for (const encryptionKey of [undefined, newKey()]) {
      const { manager, dump } = await fixture.dumped(encryptionKey && { encryptionKey })
      const [value, label, message] = [newMark(), newMark(), newMark()]
      const [visitor] = await visitorWith(manager, { value: { street: value } })
      await visitor.visit(manager, async (session) => {
        await session.login('user 7', label)
        session.flash.info(message)
      })
      const bytes = await dump()
      for (const mark of [value, label, message]) assert.equal(bytes.includes(mark), encryptionKey === undefined)
      assert.deepEqual(await visitor.visit(manager, (session) => session.get('value')), { street: value })
    }
  })

  state('with encryptionKey data stays over log-in, changes merge, and an unchanged value is kept', async (fixture) => {
    const manager = await fixture.manager({ encryptionKey: newKey() })
    const [visitor] = await visitorWith(manager, { kept: new Date(0), n: 0 })
    await visitor.visit(manager, (session) => session.login(7))
    const increase = (session: Session): Promise<unknown> => session.update<number>('n', (n = 0) => n + 1)
    await Promise.all(Array.from({ length: 5 }, () => visitor.visit(manager, increase)))
    assert.deepEqual(await visitor.visit(manager, (session) => session.entries()), [
      ['kept', new Date(0)],
      ['n', 5],
    ])
  })

  state('an encryption key is rotated without log-out', async (fixture) => {
    const [old, next] = [newKey(), newKey()]
    const [before, after] = await fixture.managers({ encryptionKey: old }, { encryptionKey: [next, old] })
    const [visitor] = await visitorWith(before, { a: 1, b: 1 })
    await visitor.visit(after, (session) => session.set('b', 2))
    assert.deepEqual(await visitor.visit(after, (session) => [session.get('a'), session.get('b')]), [1, 2])
    assert.equal(await visitor.visit(before, (session) => session.get('a')), 1)
    await assert.rejects(
      visitor.visit(before, (session) => session.get('b')),
      CORRUPT,
    )
  })

  state('with encryptionKey a value of another key, of another session or in plain is refused', async (fixture) => {
    const manager = await fixture.manager({ encryptionKey: newKey() })
    const storage = storageOf(manager)
    const [, other] = await visitorWith(manager, { role: 'admin' })
    const foreign = (await recordOf(storage, other)).role
    const forgeries = [(record: Texts) => record.note, () => foreign, () => 'admin']
    for (const forge of forgeries) {
      const [visitor, id] = await visitorWith(manager, { role: 'user', note: 'admin' })
      const record = await recordOf(storage, id)
      await replaceRecord(storage, id, { ...record, role: forge(record) })
      await assert.rejects(
        visitor.visit(manager, (session) => session.get('role')),
        CORRUPT,
      )
    }
  })
}

type Texts = Record<string, string | undefined>

const tokenOf = (visitor: Visitor): string => visitor.cookie!.split('=')[1]!
const newMark = (): string => randomBytes(18).toString('base64url')

function storageOf({ provider }: Manager): Storage {
  const { storage } = provider as { storage?: Storage }
  if (storage) return storage
  throw new Skipped('the provider is not made of a storage')
}

async function recordOf(storage: Storage, id: string): Promise<Texts> {
  return JSON.parse((await storage.load(id))!.data) as Texts
}

async function replaceRecord(storage: Storage, id: string, record: Texts): Promise<void> {
  const { version } = (await storage.load(id))!
  const saved = await storage.save(id, JSON.stringify(record), 3600, version, newVersion())
  assert.notEqual(saved, false)
}
