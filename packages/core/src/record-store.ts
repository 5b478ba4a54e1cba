/**
 * The stored RawStore: a record, and what this request changed.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { andThen, attempt, isPromise } from './awaitable.js'
import { Change } from './change.js'
import type { Codec } from './codec.js'
import { SessionError, show } from './errors.js'
import type { HeldValue } from './held-value.js'
import { ABSENT, isObject, isUnencoded, TWIN_LENGTH } from './held-value.js'
import type { ManagedStore, ReleaseOutcome } from './managed-store.js'
import type { RecordView } from './record.js'
import { copyOf, isAsStored } from './same-value.js'

/** What was loaded. The provider that made it may keep more in it, such as a version. */
export interface RecordBase {
  readonly record: RecordView
}

/** What a store needs of its provider. */
export interface RecordHost<Base extends RecordBase> {
  readonly codec: Codec
  /**
   * Persists a change that was made on `base` (`undefined`: a new record). Gives the record as it is then, `base`
   * itself when there was nothing to write, `undefined` when the session is gone, `'moved'` when it has another id.
   * @param isDrawn whether nobody else can have the id of a new record
   */
  commit(id: string, change: Change, base: Base | undefined, isDrawn: boolean): Awaitable<Base | 'moved' | undefined>
  /** Refreshes the expiry of what was loaded as `base`; false when it is gone. */
  touch(id: string, base: Base): Awaitable<boolean>
}

export class RecordStore<Base extends RecordBase = RecordBase> implements ManagedStore {
  readonly id: string
  outcome: ReleaseOutcome = 'unchanged'
  readonly #host: RecordHost<Base>
  /** What was loaded or last committed; `undefined` for a new session. */
  #base: Base | undefined
  /** Whether nobody else can have the id of a new session. */
  readonly #isDrawn: boolean
  #needsTouch: boolean
  #gone = false
  /** What is not yet released. */
  #change = new Change()
  /** The base is hidden by a `flush` that is not yet confirmed, all but these keys. */
  #spared: readonly string[] | undefined
  readonly #live = new Map<string, HeldValue>()
  /**
   * Objects that were handed out, and whose key somebody else changed since: a get gives what they wrote, but whoever
   * changes the object that he has in hand means to change the key. The last one of each key.
   */
  #former: Map<string, HeldValue> | undefined
  #committing: Promise<void> | undefined

  constructor(host: RecordHost<Base>, id: string, base: Base | undefined, needsTouch: boolean, isDrawn = false) {
    this.#host = host
    this.id = id
    this.#base = base
    this.#needsTouch = needsTouch
    this.#isDrawn = isDrawn
  }

  get(key: string): unknown {
    const live = this.#live.get(key)
    if (live) return live.value
    const text = this.#storedText(key)
    return text === undefined ? undefined : this.#holdDecoded(key, text)
  }

  has(key: string): boolean {
    const live = this.#live.get(key)
    return live ? live !== ABSENT : this.#storedText(key) !== undefined
  }

  /** In the order in which they were first set; whoever wants only to know whether there is one asks for the first. */
  *keys(): Iterable<string> {
    const stored = this.#base?.record.keys() ?? []
    for (const key of stored) if (!this.#isHidden(key) && this.#live.get(key) !== ABSENT) yield key
    for (const [key, live] of this.#live) if (live !== ABSENT && this.#storedText(key) === undefined) yield key
  }

  set(key: string, value: unknown): void {
    this.#former?.delete(key)
    const { codec } = this.#host
    if (codec.check) {
      codec.check(value, key)
      this.#live.set(key, { value, text: undefined, twin: undefined })
    } else {
      const text = codec.encode(value, key)
      this.#change.set(key, text)
      this.#live.set(key, { value, text, twin: undefined })
    }
  }

  delete(key: string): void {
    this.#former?.delete(key)
    if (!this.has(key)) return
    this.#change.set(key, undefined)
    this.#live.set(key, ABSENT)
  }

  flush(spared: readonly string[] = []): void {
    this.#change.clear(spared)
    this.#spared = this.#change.spared
    for (const key of this.#live.keys()) if (!spared.includes(key)) this.#live.delete(key)
    this.#former = undefined
  }

  apply(key: string, fn: (value: unknown) => unknown, mayRepeat = false): () => unknown {
    this.#collectOne(key) // the function is to see what this request made of the value
    let made: string | undefined
    const rewrite = (text: string | undefined): string | undefined => {
      const value = fn(text === undefined ? undefined : this.#decode(text, key))
      return (made = value === undefined ? undefined : this.#host.codec.encode(value, key))
    }
    const text = rewrite(this.#textOf(key))
    this.#change.rewrite(key, mayRepeat ? Object.assign(rewrite, { mayRepeat }) : rewrite)
    this.#former?.delete(key)
    if (text === undefined) this.#live.set(key, ABSENT)
    else this.#holdDecoded(key, text)
    return () => this.#valueOf(key, made)
  }

  isPending(looksInside: boolean): boolean {
    if (this.#gone) return false // no commit would end what is pending here
    if (this.#needsTouch || !this.#change.isEmpty) return true
    for (const live of this.#live.values()) if (isUnencoded(live)) return true
    if (!looksInside) return false
    try {
      this.#collectAll()
    } catch {
      return true // a value became one that can't be kept: release says which
    }
    return !this.#change.isEmpty
  }

  moveTo(other: ManagedStore): void {
    if (!(other instanceof RecordStore)) throw new TypeError('expected a store of the same provider')
    for (const [key, live] of this.#live) {
      // Where the session is gone, only what was set on purpose goes on, not what was found in it and changed.
      if (other.#base || isUnencoded(live)) this.#collect(key, live)
    }
    if (other.#base) this.#handFormerTo(other)
    for (const [key, live] of this.#live) {
      if (this.#change.touches(key) || live.text === other.#storedText(key)) other.#live.set(key, live)
      else if (other.#base) other.#holdFormer(key, live)
    }
    other.#change.add(this.#change)
    other.#spared = this.#spared
    this.#change = new Change()
  }

  async release(): Promise<void> {
    return this.commit()
  }

  /** Commits of one store go one after the other, so that each starts from what the one before saved. */
  commit(): Awaitable<void> {
    const next = (): Awaitable<void> => this.#commit()
    const committing = this.#committing ? this.#committing.then(next, next) : next()
    if (isPromise(committing)) this.#committing = committing
    return committing
  }

  #commit(): Awaitable<void> {
    if (this.#gone) return
    this.#collectAll()
    if (this.#change.isEmpty) return this.#touchIfDue()
    const change = this.#change
    this.#change = new Change()
    return attempt(
      () => this.#host.commit(this.id, change, this.#base, this.#isDrawn),
      (committed) => (committed === 'moved' ? this.#keep(change) : this.#committed(committed, change)),
      (error) => {
        const again = change.idempotentPart() // a further release may try these; a function could count twice
        for (const key of change.countingKeys) this.#takeBack(key, again)
        again.add(this.#change)
        this.#change = again
        throw error
      },
    )
  }

  /** The key of a function that was given up holds what it would without it. */
  #takeBack(key: string, again: Change): void {
    const live = this.#live.get(key)
    if (!live || isUnencoded(live) || this.#change.touches(key)) return // changed while the store failed
    this.#live.delete(key)
    this.#holdFormer(key, live)
    const text = again.textOf(key)
    if (text !== undefined) this.#holdDecoded(key, text)
    else if (again.touches(key)) this.#live.set(key, ABSENT)
  }

  /** Nothing of the change was made: it is still to be released, by another store. */
  #keep(change: Change): void {
    change.add(this.#change)
    this.#change = change
    this.outcome = 'moved'
  }

  drop(): void {
    this.#change = new Change()
    this.#gone = true
    this.outcome = 'gone'
  }

  #committed(committed: Base | undefined, change: Change): Awaitable<void> {
    if (committed === undefined || committed !== this.#base) return this.#settle(committed, change)
    return andThen(this.#touchIfDue(), () => {
      if (!this.#gone) this.#settle(committed, change)
    })
  }

  #touchIfDue(): Awaitable<void> {
    this.outcome = 'unchanged'
    if (!this.#needsTouch || !this.#base) return
    return andThen(this.#host.touch(this.id, this.#base), (exists) => {
      this.#gone = !exists
      this.#needsTouch = false
      if (this.#gone) this.outcome = 'gone'
    })
  }

  /** From here on the record is what the store holds, with what others wrote meanwhile. */
  #settle(committed: Base | undefined, change: Change): void {
    this.outcome = committed === undefined ? 'gone' : committed === this.#base ? 'unchanged' : 'saved'
    this.#needsTouch = false
    this.#gone = committed === undefined
    if (!committed) return
    const isAsHeld = this.#base === undefined && !change.isComputed // nobody else wrote into a new record
    this.#base = committed
    this.#spared = this.#change.spared
    if (isAsHeld) return
    for (const [key, live] of this.#live) {
      if (isUnencoded(live) || this.#change.touches(key)) continue // set while the store confirmed
      if (live.text === this.#storedText(key)) continue
      this.#live.delete(key)
      this.#holdFormer(key, live)
    }
  }

  #textOf(key: string): string | undefined {
    const live = this.#live.get(key)
    return live ? live.text : this.#storedText(key)
  }

  #storedText(key: string): string | undefined {
    return this.#isHidden(key) ? undefined : this.#base?.record.textOf(key)
  }

  #isHidden(key: string): boolean {
    return this.#spared !== undefined && !this.#spared.includes(key)
  }

  #holdDecoded(key: string, text: string): unknown {
    const value = this.#decode(text, key)
    const twin = text.length > TWIN_LENGTH ? undefined : copyOf(value, text.length)
    this.#live.set(key, { value, text, twin })
    return value
  }

  /** What a text says, in the object that the request has of it; an object of its own where the key has another text. */
  #valueOf(key: string, text: string | undefined): unknown {
    if (text === undefined) return undefined
    if (text === this.#textOf(key)) return this.get(key)
    const held = { value: this.#decode(text, key), text, twin: undefined }
    this.#holdFormer(key, held)
    return held.value
  }

  #holdFormer(key: string, held: HeldValue): void {
    if (isObject(held)) (this.#former ??= new Map()).set(key, held)
  }

  #handFormerTo(other: RecordStore): void {
    for (const [key, former] of this.#former ?? []) {
      this.#collectFormer(key, former)
      if (this.#live.get(key) !== former) other.#holdFormer(key, former)
    }
  }

  /** Objects are handed out as they are; one whose text is another now was changed in place. */
  #collectAll(): void {
    for (const [key, live] of this.#live) this.#collect(key, live)
    if (this.#former) for (const [key, former] of Array.from(this.#former)) this.#collectFormer(key, former)
  }

  #collectOne(key: string): void {
    const live = this.#live.get(key)
    if (live) this.#collect(key, live)
    const former = this.#former?.get(key)
    if (former) this.#collectFormer(key, former)
  }

  /** Whether the key has another text now. */
  #collect(key: string, held: HeldValue): boolean {
    if (!isUnencoded(held) && (!isObject(held) || this.#isAsRead(key, held))) return false
    const now = this.#host.codec.encode(held.value, key)
    if (now === held.text) return false
    this.#change.set(key, now)
    held.text = now
    held.twin = undefined
    return true
  }

  #isAsRead(key: string, held: HeldValue): boolean {
    const { value, text } = held
    if (text === undefined || text.length > TWIN_LENGTH) return false
    held.twin ??= this.#decode(text, key)
    return isAsStored(value, held.twin)
  }

  /** One that was changed is the key's value again, unless this request changed the key in another way. */
  #collectFormer(key: string, former: HeldValue): void {
    const isOvertaken = this.#change.touches(key)
    if (!isOvertaken && !this.#collect(key, former)) return
    this.#former!.delete(key)
    if (isOvertaken) return
    const current = this.#live.get(key)
    this.#live.set(key, former)
    if (current) this.#holdFormer(key, current)
  }

  #decode(text: string, key: string): unknown {
    try {
      return this.#host.codec.decode(text, key)
    } catch (cause) {
      const message = `session ${this.id}: the value of ${show(key)} can't be decoded`
      throw new SessionError('SESS_CORRUPT', message, { cause })
    }
  }
}
