/**
 * What must hold for saves that share a statement: each has the outcome that it would have by itself.
 * @module
 */
import type { Loaded, Provider, Storage } from '@sess/core'
import { afterEach, expect, it } from 'vitest'

export interface Sharing {
  /** Makes a table in which no `data` may hold the word poison, and gives providers on it, each with its own connections. */
  table: () => Promise<{ provider: () => Provider; expire: (id: string) => Promise<unknown> }>
  /** How often the server ended a deadlock. */
  deadlocks: () => Promise<number>
  /** Characters of a record that the table doesn't take. */
  tooLong?: number
}

const TTL = 600
const FINE = 'fine: 世界 😀 é'
/** Milliseconds of the test that changes the same rows in two orders. */
const DURATION = 3000

let ids = 0
const newId = (): string => `id${String(++ids).padStart(14, '0')}`
let versions = 0
const newVersion = (): string => `v${String(++versions).padStart(11, '0')}`

type Fate = 'saved' | 'not saved' | 'SESS_TOO_LARGE' | 'refused'

/** Whichever of two that want the same is quicker counts as the first of them. */
function oneOfTwo(fates: readonly Fate[], at: number): Fate[] {
  const [one, other] = [fates[at]!, fates[at + 1]!]
  return [...fates.slice(0, at), ...(one === 'saved' ? [one, other] : [other, one]), ...fates.slice(at + 2)]
}

/** @param name what the tables are */
export function sharing(name: string, { table, deadlocks, tooLong }: Sharing): void {
  const opened: Provider[] = []
  afterEach(async () => {
    for (const provider of opened.splice(0)) await provider.close?.()
  })

  async function open(provider: Provider): Promise<Storage> {
    await provider.init(TTL, '')
    opened.push(provider)
    return (provider as unknown as { storage: Storage }).storage
  }

  async function begin(storage: Storage, count: number): Promise<string[]> {
    const all = Array.from({ length: count }, newId)
    await Promise.all(all.map(async (id) => storage.save(id, 'first', TTL, undefined, newVersion())))
    return all
  }

  /** What became of each. */
  async function fatesOf(saves: readonly Promise<unknown>[]): Promise<Fate[]> {
    const outcomes = await Promise.allSettled(saves)
    return outcomes.map((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value === false ? 'not saved' : 'saved'
      const { code } = outcome.reason as { code: string }
      return code === 'SESS_TOO_LARGE' ? code : 'refused'
    })
  }

  const textOf = async (storage: Storage, id: string): Promise<string | undefined> => (await storage.load(id))?.data
  const tooLarge = (): [string, string, Fate][] =>
    tooLong === undefined ? [] : [[newId(), 'x'.repeat(tooLong), 'SESS_TOO_LARGE']]

  for (const withPoison of [false, true]) {
    const others = withPoison ? ', one of which the server refuses' : ''

    it(`creates of one turn on ${name} each have their own outcome${others}`, async () => {
      const { provider, expire } = await table()
      const storage = await open(provider())
      const [taken, expired, twice] = (await begin(storage, 2)).concat(newId()) as [string, string, string]
      await expire(expired)
      const attempts: [string, string, Fate][] = [
        [newId(), FINE, 'saved'],
        [taken, 'second', 'not saved'],
        [expired, 'second', 'saved'],
        [twice, 'one', 'saved'],
        [twice, 'other', 'not saved'],
        ...tooLarge(),
        ...(withPoison ? [[newId(), 'poison', 'refused'] as [string, string, Fate]] : []),
        [newId(), FINE, 'saved'],
      ]
      const fates = await fatesOf(
        attempts.map(async ([id, data]) => storage.save(id, data, TTL, undefined, newVersion())),
      )
      expect(oneOfTwo(fates, 3)).toEqual(attempts.map(([, , fate]) => fate))
      for (const [index, [id, data]] of attempts.entries()) {
        if (fates[index] === 'saved') expect(await textOf(storage, id)).toBe(data)
      }
      expect(await textOf(storage, taken)).toBe('first')
    })

    it(`updates of one turn on ${name} each have their own outcome${others}`, async () => {
      const { provider, expire } = await table()
      const storage = await open(provider())
      const all = await begin(storage, 8)
      const [fine, stale, gone, expired, twice, poisoned, tooBig, last] = all as [
        ...[string, string, string, string, string, string, string, string],
      ]
      const loaded = new Map(await Promise.all(all.map(async (id) => [id, (await storage.load(id))!] as const)))
      await storage.save(stale, 'somebody', TTL, loaded.get(stale)!.version, newVersion())
      await storage.remove(gone)
      await expire(expired)
      const attempts: [string, string, Fate][] = [
        [fine, FINE, 'saved'],
        [stale, 'late', 'not saved'],
        [gone, 'late', 'not saved'],
        [expired, 'late', 'not saved'],
        [twice, 'one', 'saved'],
        [twice, 'other', 'not saved'],
        ...tooLarge().map(([, data, fate]): [string, string, Fate] => [tooBig, data, fate]),
        ...(withPoison ? [[poisoned, 'poison', 'refused'] as [string, string, Fate]] : []),
        [last, FINE, 'saved'],
      ]
      const fates = await fatesOf(
        attempts.map(async ([id, data]) => storage.save(id, data, TTL, loaded.get(id)!.version, newVersion())),
      )
      expect(oneOfTwo(fates, 4)).toEqual(attempts.map(([, , fate]) => fate))
      const texts = await Promise.all(
        [fine, stale, gone, expired, poisoned, tooBig, last].map((id) => textOf(storage, id)),
      )
      expect(texts).toEqual([FINE, 'somebody', undefined, undefined, 'first', 'first', FINE])
      expect(await textOf(storage, twice)).toBe(fates[4] === 'saved' ? 'one' : 'other')
    })
  }

  it(`150 creates and updates of one turn on ${name} are all saved, long ones too`, async () => {
    const { provider } = await table()
    const storage = await open(provider())
    const records = new Map(Array.from({ length: 150 }, (_, i) => [newId(), `${i} ${'x'.repeat(i % 10 ? i : 60_000)}`]))
    const saveAll = async (loaded?: ReadonlyMap<string, Loaded>): Promise<Fate[]> =>
      fatesOf(
        [...records].map(async ([id, data]) =>
          storage.save(id, loaded ? `${data}!` : data, TTL, loaded?.get(id)!.version, newVersion()),
        ),
      )
    expect(new Set(await saveAll())).toEqual(new Set(['saved']))
    const loaded = new Map(
      await Promise.all([...records.keys()].map(async (id) => [id, (await storage.load(id))!] as const)),
    )
    expect([...loaded].map(([id, { data }]) => [id, data])).toEqual([...records])
    expect(new Set(await saveAll(loaded))).toEqual(new Set(['saved']))
    for (const [id, data] of records) expect(await textOf(storage, id)).toBe(`${data}!`)
  })

  it(`two servers that save the same rows of ${name} in opposite orders lose nothing, and never block each other`, async () => {
    const { provider } = await table()
    const storages = [await open(provider()), await open(provider())]
    const all = await begin(storages[0]!, 24)
    const increments = new Map(all.map((id) => [id, 0]))
    const deadlocksBefore = await deadlocks()

    const gone = newId()
    const some = (): string[] => [...all, gone].filter(() => Math.random() < 0.7)

    async function increment(storage: Storage, id: string): Promise<void> {
      const { version, data } = (await storage.load(id)) ?? { version: 'none', data: 'gone' }
      const next = String(data === 'first' ? 1 : Number(data) + 1)
      if ((await storage.save(id, next, TTL, version, newVersion())) === false) return
      increments.set(id, increments.get(id)! + 1)
    }
    for (const end = Date.now() + DURATION; Date.now() < end; ) {
      const fresh = Array.from({ length: 8 }, newId)
      const creates = storages.map(async (storage, i) => {
        const order = i === 0 ? fresh : [...fresh].reverse()
        return Promise.all(
          order.map(async (id) => ((await storage.save(id, '', TTL, undefined, newVersion())) ? id : '')),
        )
      })
      const updates = storages.map((storage, i) =>
        Promise.all((i === 0 ? some() : some().reverse()).map((id) => increment(storage, id))),
      )
      await Promise.all(updates)
      const created = (await Promise.all(creates)).flat().filter(Boolean)
      expect(new Set(created)).toEqual(new Set(fresh))
      expect(created.length).toBe(fresh.length)
    }
    expect([increments.has(gone), await storages[0]!.exists(gone)]).toEqual([false, false])
    const counts = await Promise.all(all.map(async (id) => [id, Number(await textOf(storages[0]!, id))] as const))
    expect(new Map(counts)).toEqual(increments)
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    console.log(`${name}: ${total} increments of 24 rows by two servers in ${DURATION} ms`)
    expect((await deadlocks()) - deadlocksBefore).toBe(0)
  }, 30_000)
}
