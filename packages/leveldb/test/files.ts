/**
 * The files of LedisDB and nodb, byte by byte.
 * @module
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '@sess/core'
import { createManager } from '@sess/core'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyLayout } from '../src/index.js'
import { openLevelStorage } from '../src/index.js'

export interface Files {
  readonly layout: (db: number) => KeyLayout
  /** The provider, with the directory that its options name. */
  readonly open: (directory: string) => Provider
  /** Lines of key and value, both as hex: a session saved in database 0, and one in database 15. */
  readonly golden: URL
  /** The key in database 0 that sorts the expiry of an entry of this type, written by hand. */
  readonly timeKey: (when: Buffer, type: number, id: string) => Buffer
}

const ID = 'nk3Fv0Xq-W1c8AeT'
const VERSION = 'q7Tz0vYh3-bM'
const RECORD = '{\n"user":{"id":7,"name":"Zoë"},\n"visits":3\n}'
/** The session below was saved then, for an hour. */
const NOW = 1_767_225_600_900
/** The type of a session's value, and that of a list. */
const [KV, LIST] = [1, 2]

const hex = { keyEncoding: 'hex', valueEncoding: 'hex' } as const

/**
 * @param name the provider's
 * @param program whose files they are
 */
export function levelFiles(name: string, program: string, { layout, open, golden, timeKey }: Files): void {
  const expected = readFileSync(golden, 'utf8')
  let directory: string
  let files: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), `sess-${name}-`))
    files = join(directory, 'goleveldb_data')
  })
  afterEach(() => rm(directory, { recursive: true }))

  async function dump(): Promise<string> {
    const level = new Level<string, string>(files, hex)
    const entries = await level.iterator().all()
    await level.close()
    return entries.map((entry) => `${entry.join(' ')}\n`).join('')
  }

  async function write(entries: [Buffer, Buffer][]): Promise<void> {
    const level = new Level<Buffer, Buffer>(files, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await level.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
    await level.close()
  }

  async function save(db: number, id: string, now: number): Promise<void> {
    const options = { provider: name, directory: files, layout: layout(db), sync: false }
    const storage = await openLevelStorage(options, { clock: () => now })
    expect(await storage.save(id, RECORD, 3600, undefined, VERSION)).toBe(VERSION)
    await storage.close!()
  }

  describe(`the files of ${program}`, () => {
    it('hold exactly these keys and values', async () => {
      await save(0, ID, NOW)
      await save(15, ID, NOW)
      expect(await dump()).toBe(expected)
    })

    it('hold one time key after a session was refreshed and saved again, and none of it after it was removed', async () => {
      await save(0, ID, NOW - 100_000)
      const options = { provider: name, directory: files, layout: layout(0), sync: false }
      const storage = await openLevelStorage(options, { clock: () => NOW })
      expect(await storage.touch(ID, 60)).toBe(true)
      await storage.save(ID, '{\n}', 90, VERSION, 'another-one')
      await storage.save(ID, RECORD, 3600, 'another-one', VERSION)
      await storage.close!()
      await save(15, ID, NOW)
      expect(await dump()).toBe(expected)
      for (const db of [0, 15]) {
        const again = await openLevelStorage({ ...options, layout: layout(db) }, { clock: () => NOW })
        await again.rename(ID, 'another-id-of-16', 60)
        await again.remove('another-id-of-16')
        await again.close!()
      }
      expect(await dump()).toBe('')
    })

    it('that were written by hand are read', async () => {
      const when = Math.floor(Date.now() / 1000) + 100
      const little = Buffer.alloc(8)
      little.writeBigInt64LE(BigInt(when))
      const big = Buffer.alloc(8)
      big.writeBigInt64BE(BigInt(when))
      const meta = Buffer.from(`\0\x66\x01${ID}`)
      await write([
        [Buffer.from(`\0\x01${ID}`), Buffer.from(`${VERSION}\n${RECORD}`)],
        [meta, little],
        [timeKey(big, KV, ID), meta],
      ])
      const provider = open(directory)
      await provider.init(3600, '')
      const session = (await provider.open!(ID))!
      expect([session.get('user'), session.get('visits')]).toEqual([{ id: 7, name: 'Zoë' }, 3])
      expect(await provider.count()).toBe(1)
      session.set('visits', 4)
      await session.release()
      expect((await provider.open!(ID))!.get('visits')).toBe(4)
      await provider.destroy(ID)
      await provider.close!()
      expect(await dump()).toBe('')
    })

    it(`are read as ${program} means them: what has no expiry lives, and gets one when it is used`, async () => {
      await write([[Buffer.from(`\0\x01${ID}`), Buffer.from(`${VERSION}\n${RECORD}`)]])
      const provider = open(directory)
      await provider.init(3600, '')
      await provider.gc()
      expect(await provider.count()).toBe(1)
      await (await provider.open!(ID))!.release()
      await provider.close!()
      expect((await dump()).trim().split('\n')).toHaveLength(3)
    })

    it('are left alone where they hold something else, which is neither counted nor swept', async () => {
      const due = Buffer.alloc(8)
      due[7] = 1
      const others: [Buffer, Buffer][] = [
        [Buffer.from('\0\x01some key: 1'), Buffer.from('value')],
        [Buffer.from('\0\x02list'), Buffer.from('of another type')],
        [timeKey(due, LIST, ID), Buffer.from(`\0\x66\x02${ID}`)],
      ]
      await write(others)
      const before = await dump()
      const manager = createManager({ provider: open(directory) })
      await manager.ready()
      expect(await manager.count()).toBe(0)
      await manager.gc()
      await manager.close()
      expect(await dump()).toBe(before)
    })

    it('with an old time key that another program left are swept without the session', async () => {
      await save(0, ID, Date.now())
      const old = Buffer.alloc(8)
      old[7] = 5
      const before = await dump()
      await write([[timeKey(old, KV, ID), Buffer.from(`\0\x66\x01${ID}`)]])
      const provider = open(directory)
      await provider.init(3600, '')
      expect(await provider.count()).toBe(1)
      await provider.gc()
      expect(await provider.exist(ID)).toBe(true)
      await provider.close!()
      expect(await dump()).toBe(before)
    })

    it('with a value that is no session are an error for who asks for it', async () => {
      await write([[Buffer.from(`\0\x01${ID}`), Buffer.from('{"of":"another program"}')]])
      const provider = open(directory)
      await provider.init(3600, '')
      await expect(provider.open!(ID)).rejects.toMatchObject({ code: 'SESS_CORRUPT', provider: name })
      await provider.destroy(ID)
      expect(await provider.open!(ID)).toBe(undefined)
      await provider.close!()
    })
  })
}
