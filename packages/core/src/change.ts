/**
 * What one request did to a record, key by key, so that it can be made again on top of what others wrote.
 * @module
 */

/** What a change needs of the keys that it is applied to. */
export interface KeyEditor {
  textOf(key: string): string | undefined
  /** Sets the key's text; `undefined` removes the key. */
  put(key: string, text: string | undefined): void
  clear(): void
}

/** What can be made in a record: a {@link Change}. */
export interface Applicable {
  /** How many keys it is about. */
  readonly size: number
  /** Whether a key gets what a function gives: such a key may be put twice. */
  readonly isComputed: boolean
  applyTo(keys: KeyEditor): void
}

/** A key's new value as a function of the one it has when the change is applied, both as text. */
export interface Rewrite {
  (text: string | undefined): string | undefined
  /** Whether it comes to the same where it was done already, so that it may be tried again when nobody knows. */
  readonly mayRepeat?: boolean
}

const NOTHING: readonly string[] = []

/**
 * What one request did to a record: cleared or not, keys set (a text), keys removed (`undefined`), and functions that
 * are applied to what a key holds at the moment of saving. They may run again when another request saved first.
 */
export class Change implements Applicable {
  /** Where all keys are removed: those that are not. */
  #spared: readonly string[] | undefined
  // Most requests only read: what they don't need isn't made.
  #texts: Map<string, string | undefined> | undefined
  #rewrites: Map<string, Rewrite[]> | undefined

  get isEmpty(): boolean {
    return this.#spared === undefined && this.size === 0
  }

  get size(): number {
    return (this.#texts?.size ?? 0) + (this.#rewrites?.size ?? 0)
  }

  /** The keys that were left when all others were removed; `undefined`: they were not. */
  get spared(): readonly string[] | undefined {
    return this.#spared
  }

  /** Whether a key gets what a function gives, which may be another value each time. */
  get isComputed(): boolean {
    return this.#rewrites !== undefined
  }

  /** The keys of whose functions none may be tried again when nobody knows whether it was done. */
  get countingKeys(): string[] {
    return Array.from(this.#rewrites ?? []).flatMap(([key, list]) => (list.some(mayRepeat) ? [] : [key]))
  }

  /** The text that a key is set to; `undefined` also where it is removed, or not set. */
  textOf(key: string): string | undefined {
    return this.#texts?.get(key)
  }

  touches(key: string): boolean {
    return this.#texts?.has(key) === true || this.#rewrites?.has(key) === true
  }

  set(key: string, text: string | undefined): void {
    this.#texts ??= new Map()
    this.#texts.set(key, text)
    this.#rewrites?.delete(key)
  }

  rewrite(key: string, rewrite: Rewrite): void {
    this.#rewrites ??= new Map()
    const list = this.#rewrites.get(key)
    if (list) list.push(rewrite)
    else this.#rewrites.set(key, [rewrite])
  }

  /**
   * Removes all keys.
   * @param spared but these: what they hold when the change is made, which is not this change's to say
   */
  clear(spared: readonly string[] = NOTHING): void {
    this.#spared = this.#spared ? spared.filter((key) => this.#spared!.includes(key)) : spared
    this.#texts = only(spared, this.#texts)
    this.#rewrites = only(spared, this.#rewrites)
  }

  /** Adds what came after this change. */
  add(later: Change): void {
    if (later.#spared) this.clear(later.#spared)
    for (const [key, text] of later.#texts ?? []) this.set(key, text)
    for (const [key, rewrites] of later.#rewrites ?? []) for (const rewrite of rewrites) this.rewrite(key, rewrite)
  }

  /** What may be done twice with the same result: all but the functions that don't say so of themselves. */
  idempotentPart(): Change {
    const part = new Change()
    part.#spared = this.#spared
    if (this.#texts) part.#texts = new Map(this.#texts)
    for (const [key, list] of this.#rewrites ?? []) for (const one of list.filter(mayRepeat)) part.rewrite(key, one)
    return part
  }

  /** Makes the change: key by key, the last writer of a key wins. */
  applyTo(keys: KeyEditor): void {
    if (this.#spared) clearAllBut(this.#spared, keys)
    for (const [key, text] of this.#texts ?? []) keys.put(key, text)
    for (const [key, rewrites] of this.#rewrites ?? []) {
      keys.put(
        key,
        rewrites.reduce<string | undefined>((text, rewrite) => rewrite(text), keys.textOf(key)),
      )
    }
  }
}

const mayRepeat = (rewrite: Rewrite): boolean => rewrite.mayRepeat === true

function only<T>(wanted: readonly string[], entries: Map<string, T> | undefined): Map<string, T> | undefined {
  if (!entries || wanted.length === 0) return undefined
  return new Map(Array.from(entries).filter(([key]) => wanted.includes(key)))
}

function clearAllBut(spared: readonly string[], keys: KeyEditor): void {
  const texts = spared.map((key) => [key, keys.textOf(key)] as const)
  keys.clear()
  for (const [key, text] of texts) if (text !== undefined) keys.put(key, text)
}
