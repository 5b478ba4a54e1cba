/**
 * Storages with one fault each, and the sentence that has to find it.
 */
import type { Loaded, ProviderCapabilities, Version } from '../../../src/index.js'
import { MapStorage } from './map-storage.js'

type FaultyStorage = new (...args: ConstructorParameters<typeof MapStorage>) => MapStorage

class SaveIgnoresVersion extends MapStorage {
  override async save(id: string, data: string, ttl: number, _: Version | undefined, next: string): Promise<Version> {
    await this.server.reached()
    this.server.entries.set(id, { data, version: next, expiresAt: this.expiry(ttl) })
    return next
  }
}

class SaveComparesTooEarly extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | false> {
    if (this.server.living(id)?.version !== expected) return false
    await this.server.reached()
    this.server.entries.set(id, { data, version: next, expiresAt: this.expiry(ttl) })
    return next
  }
}

/** Takes the first time to live that it is told for everybody's. */
class OneLifetimeForAll extends MapStorage {
  #seconds: number | undefined

  protected override expiry(ttl: number): number {
    return super.expiry((this.#seconds ??= ttl))
  }
}

/** Drops what would live for less than a minute. */
class ShortLivedIsAbsent extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    const saved = await super.save(id, data, ttl, expected, next)
    if (saved !== false && ttl === 30) this.server.entries.delete(id)
    return saved
  }
}

/** Gives core's own records always as it first saw them. */
class KeepsFirstTextOfOwnRecords extends MapStorage {
  readonly #first = new Map<string, string>()

  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = await super.load(id, ttl)
    if (!loaded || !id.startsWith('~')) return loaded
    if (!this.#first.has(id)) this.#first.set(id, loaded.data)
    return { ...loaded, data: this.#first.get(id)! }
  }
}

/** Keeps long texts in a column that knows no capitals. */
class LongTextWithoutCase extends MapStorage {
  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = await super.load(id, ttl)
    return loaded && { ...loaded, data: loaded.data.replace(/"[^"\\]{36,}"/g, (text) => text.toLowerCase()) }
  }
}

class SaveRevives extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    return super.save(id, data, ttl, this.server.living(id) ? expected : undefined, next)
  }
}

class SaveOverwritesNew extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    return super.save(id, data, ttl, expected ?? this.server.living(id)?.version, next)
  }
}

class SaveKeepsExpiry extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    const before = this.server.living(id)?.expiresAt
    const saved = await super.save(id, data, ttl, expected, next)
    if (saved !== false && before !== undefined) this.server.entries.get(id)!.expiresAt = before
    return saved
  }
}

class TouchCreates extends MapStorage {
  override async touch(id: string, ttl: number): Promise<boolean> {
    await this.server.reached()
    const entry = this.server.entries.get(id) ?? { data: '{\n}', version: 'touched', expiresAt: 0 }
    this.server.entries.set(id, { ...entry, expiresAt: this.expiry(ttl) })
    return true
  }
}

class TouchChangesVersion extends MapStorage {
  override async touch(id: string, ttl: number): Promise<boolean> {
    const touched = await super.touch(id, ttl)
    if (touched) this.server.living(id)!.version = `touched at ${Math.random()}`
    return touched
  }
}

class NothingRefreshes extends MapStorage {
  override async touch(id: string): Promise<boolean> {
    return this.exists(id)
  }

  override async load(id: string): Promise<Loaded | undefined> {
    return super.load(id)
  }
}

class RenameOverwrites extends MapStorage {
  override async rename(from: string, to: string, ttl: number): Promise<boolean> {
    if (this.server.living(from)) this.server.entries.delete(to)
    return super.rename(from, to, ttl)
  }
}

class RenameLeavesOld extends MapStorage {
  override async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const entry = this.server.living(from)
    const renamed = await super.rename(from, to, ttl)
    if (renamed) this.server.entries.set(from, { ...entry! })
    return renamed
  }
}

class RenameOfNothingCreates extends MapStorage {
  override async rename(from: string, to: string, ttl: number): Promise<boolean> {
    if (await super.rename(from, to, ttl)) return true
    this.server.entries.set(to, { data: '{\n}', version: 'renamed', expiresAt: this.expiry(ttl) })
    return true
  }
}

/** Copies, then deletes whatever is there by then. */
class RenameLosesSaves extends MapStorage {
  override async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const entry = this.server.living(from)
    if (!entry) return false
    if (this.server.living(to)) throw new Error('the id is taken')
    this.server.entries.set(to, { ...entry, expiresAt: this.expiry(ttl) })
    await this.server.reached()
    await this.server.reached()
    return this.server.entries.delete(from)
  }
}

class RenameLosesExpiry extends MapStorage {
  override async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const renamed = await super.rename(from, to, ttl)
    if (renamed) this.server.entries.get(to)!.expiresAt = Number.POSITIVE_INFINITY
    return renamed
  }
}

/** Keeps a cache of its own, which another process knows nothing of. */
class RemoveKeepsCache extends MapStorage {
  readonly #cache = new Map<string, Loaded>()

  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = (await super.load(id, ttl)) ?? this.#cache.get(id)
    if (loaded) this.#cache.set(id, loaded)
    return loaded
  }

  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    this.#cache.delete(id)
    return super.save(id, data, ttl, expected, next)
  }

  override async remove(id: string): Promise<void> {
    this.#cache.delete(id)
    await super.remove(id)
  }
}

class LoadGivesExpired extends MapStorage {
  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = await super.load(id, ttl)
    return loaded ?? this.server.entries.get(id)
  }
}

class FailureIsAbsence extends MapStorage {
  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    return super.load(id, ttl).catch(() => undefined)
  }
}

class ExistsRefreshes extends MapStorage {
  override async exists(id: string): Promise<boolean> {
    return this.touch(id, 5)
  }
}

class CountsOwnRecords extends MapStorage {
  override async count(): Promise<number> {
    await this.server.reached()
    return [...this.server.entries.keys()].filter((id) => this.server.living(id)).length
  }
}

class CountsExpired extends MapStorage {
  override async count(): Promise<number> {
    await this.server.reached()
    return [...this.server.entries.keys()].filter((id) => !id.startsWith('~')).length
  }
}

class CountsEverybodys extends MapStorage {
  static #all = new Set<string>()

  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    CountsEverybodys.#all.add(id)
    return super.save(id, data, ttl, expected, next)
  }

  override async count(): Promise<number> {
    await this.server.reached()
    return CountsEverybodys.#all.size
  }
}

class CountsNothing extends MapStorage {
  readonly capabilities: Partial<ProviderCapabilities> = { count: false }

  override async count(): Promise<number> {
    await this.server.reached()
    return -1
  }
}

class SweepRemovesLiving extends MapStorage {
  override async sweep(): Promise<number> {
    const removed = await super.sweep()
    this.server.entries.clear()
    return removed
  }
}

class SweepInOneGo extends MapStorage {
  override async sweep(): Promise<number> {
    const expired = [...this.server.entries.keys()].filter((id) => !this.server.living(id))
    for (const id of expired) this.server.entries.delete(id)
    return expired.length
  }
}

/** Counts the saves of each record, from 1 on. */
class VersionsAgain extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
  ): Promise<Version | boolean> {
    const before = Number(this.server.living(id)?.version ?? 0)
    return super.save(id, data, ttl, expected, String(before + 1))
  }
}

/** It says that nobody has to wait, and gives promises. */
class AtOnceLater extends MapStorage {
  readonly isImmediate = true
}

/** Takes the text's length for a version. */
class VersionOfText extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
  ): Promise<Version | boolean> {
    return super.save(id, data, ttl, expected, `${data.length}`)
  }
}

class TruncatesAt64K extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    return super.save(id, data.slice(0, 65_535), ttl, expected, next)
  }
}

class InsertLivesTooLong extends MapStorage {
  async insert(id: string, data: string, _ttl: number, next: string): Promise<Version> {
    this.server.entries.set(id, { data, version: next, expiresAt: Number.POSITIVE_INFINITY })
    return next
  }
}

class InsertHasAnotherVersion extends MapStorage {
  async insert(id: string, data: string, ttl: number, next: string): Promise<Version> {
    this.server.entries.set(id, { data, version: `${next}'`, expiresAt: this.expiry(ttl) })
    return next
  }
}

class EmptyIsAbsent extends MapStorage {
  override async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const loaded = await super.load(id, ttl)
    return loaded && loaded.data.length > 3 ? loaded : undefined
  }
}

/** Its column for ids keeps another text than it is given. */
abstract class ChangesIds extends MapStorage {
  protected abstract kept(id: string): string

  override load(id: string, ttl?: number): Promise<Loaded | undefined> {
    return super.load(this.kept(id), ttl)
  }

  override save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    return super.save(this.kept(id), data, ttl, expected, next)
  }

  override remove(id: string): Promise<void> {
    return super.remove(this.kept(id))
  }

  override rename(from: string, to: string, ttl: number): Promise<boolean> {
    return super.rename(this.kept(from), this.kept(to), ttl)
  }

  override exists(id: string): Promise<boolean> {
    return super.exists(this.kept(id))
  }

  override touch(id: string, ttl: number): Promise<boolean> {
    return super.touch(this.kept(id), ttl)
  }
}

class IdsWithoutCase extends ChangesIds {
  protected override kept(id: string): string {
    return id.toLowerCase()
  }
}

class IdsCutAt16 extends ChangesIds {
  protected override kept(id: string): string {
    return id.slice(0, 16)
  }
}

class IdsCutAt43 extends ChangesIds {
  protected override kept(id: string): string {
    return id.slice(0, 43)
  }
}

class IdsWithoutDash extends ChangesIds {
  protected override kept(id: string): string {
    return id.replaceAll('-', '_')
  }
}

class TextIsLatin1 extends MapStorage {
  override async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<Version | boolean> {
    return super.save(id, Buffer.from(data, 'latin1').toString('latin1'), ttl, expected, next)
  }
}

class LongLifetimeIsADate extends MapStorage {
  protected override expiry(ttl: number): number {
    return ttl > 30 * 24 * 3600 ? ttl * 1000 : super.expiry(ttl)
  }
}

class NothingExpires extends MapStorage {
  protected override expiry(): number {
    return Number.MAX_SAFE_INTEGER
  }
}

/** The fault, and the sentences that have to find it; others may find it too. */
export const FAULTY_STORAGES: [Storage: FaultyStorage, sentences: string[], breaksMuch?: true][] = [
  [OneLifetimeForAll, ['a session with a longer lifetime outlives the others, under a new id too, and stays listed']],
  [
    ShortLivedIsAbsent,
    [
      'a renewed session is the same under another id, and the old token leads to it for the grace',
      'requests that come with the old token while it is renewed lose no change, and get one token',
      'log-out with the old token, or with the new one, ends a renewed session',
      'after a log-in no token from before leads to the session, also one in its grace',
    ],
  ],
  [InsertLivesTooLong, ['insert gives the record its time to live']],
  [InsertHasAnotherVersion, ['insert makes the record that save would make']],
  [KeepsFirstTextOfOwnRecords, ['a renewed session is listed once among those of its user, with its label']],
  [
    LongTextWithoutCase,
    [
      'a stolen dump holds values, labels and messages, and with encryptionKey none of them',
      'with encryptionKey data stays over log-in, changes merge, and an unchanged value is kept',
      'an encryption key is rotated without log-out',
    ],
  ],
  [
    SaveIgnoresVersion,
    [
      'save on an older version gives false, and writes nothing',
      '50 parallel requests of one process that set a key each lose none',
      '50 parallel requests of two processes that set a key each lose none',
      '50 parallel updates of a counter in two processes end at 50',
      'a log-out among requests in flight leaves the session ended',
    ],
  ],
  [
    SaveComparesTooEarly,
    [
      'of parallel saves on one version, one writes',
      '50 parallel requests of two processes that set a key each lose none',
      '50 parallel updates of a counter in two processes end at 50',
      'a log-out among requests in flight in two processes leaves the session ended',
    ],
  ],
  [
    SaveRevives,
    [
      'save on a version of a record that is gone gives false, and makes none',
      'release after destroy resolves, and does not bring the session back',
      'a log-out among requests in flight leaves the session ended',
    ],
  ],
  [SaveOverwritesNew, ['save of a new record gives false where there is one, and writes nothing']],
  [SaveKeepsExpiry, ['a change refreshes the expiry', 'save gives the record its new time to live']],
  [TouchCreates, ['touch never makes a record', 'refreshing the expiry after destroy does not bring the session back']],
  [TouchChangesVersion, ['touch changes neither text nor version']],
  [NothingRefreshes, ['using a session without a change refreshes its expiry', 'touch refreshes the expiry']],
  [
    RenameOverwrites,
    [
      'rename onto an id that is taken is an error, and both records stay',
      'regenerate never overwrites a session that has the new id',
    ],
  ],
  [RenameLeavesOld, ['rename leaves nothing under the old id', 'the old id is dead when regenerate resolves']],
  [RenameOfNothingCreates, ['rename of an absent record gives false, and makes none']],
  [RenameLosesSaves, ['a save and a rename at once lose nothing: who comes second is told']],
  [RenameLosesExpiry, ['a regenerated session is gone when its lifetime is over']],
  [
    RemoveKeepsCache,
    ['what one handle removed is gone for the other one', 'what one instance destroyed is gone for another one'],
  ],
  [
    LoadGivesExpired,
    ['an unused session is gone when its lifetime is over', 'an expired record is absent for every operation'],
  ],
  [
    FailureIsAbsence,
    [
      'a store that is away is an error within storeTimeout, never an absent session',
      'a provider whose store is away answers nothing, rather than that there is nothing',
    ],
  ],
  [ExistsRefreshes, ['exist and count do not refresh the expiry', 'load without one does not, nor does exists']],
  [CountsOwnRecords, ['count leaves out records whose id starts with ~']],
  [CountsExpired, ['count leaves out what has expired']],
  [CountsEverybodys, ['count leaves out the sessions of another store']],
  [CountsNothing, ['count rejects with SESS_UNSUPPORTED where it is not claimed']],
  [
    SweepRemovesLiving,
    ['gc leaves a living session with its data', 'sweep removes what has expired and nothing else, and gives how many'],
  ],
  [SweepInOneGo, ['sweep removes 5000 records in batches, and lets others work in between']],
  [
    VersionsAgain,
    [
      'the version is another one after a removal and a new creation',
      'a request that held an ended session writes over nothing in a new one of that id',
    ],
  ],
  [VersionOfText, ['the version is another one after every save, also of the same text']],
  [
    TruncatesAt64K,
    [
      'load gives the text exactly as it was saved',
      'a text of 200,000 characters is kept whole',
      'a text of 1 MiB is kept whole, or refused with SESS_TOO_LARGE and nothing changed',
    ],
  ],
  [
    EmptyIsAbsent,
    ['an empty session is a session', 'the deletion of the last key is persisted, and the session goes on'],
  ],
  [IdsWithoutCase, ['ids that differ in case alone are different ids']],
  [IdsCutAt16, ['ids that differ in the last character alone are different ids']],
  [IdsCutAt43, ['ids that differ in the last character alone are different ids']],
  [IdsWithoutDash, ['ids that differ in punctuation alone are different ids']],
  [TextIsLatin1, ['load gives the text exactly as it was saved', 'keeps emoji and other scripts']],
  [LongLifetimeIsADate, ['a lifetime of 400 days holds']],
  [NothingExpires, ['an unused session is gone when its lifetime is over', 'count leaves out what has expired']],
  [AtOnceLater, ['load and save of a storage that declares isImmediate answer without a promise'], true],
]
