/**
 * The text that a storage keeps under one id, and how a change merges into it.
 *
 * The text is valid JSON with one key a line, which works since JSON never holds a raw line break:
 *
 *     {
 *     "user":{"id":7},
 *     "visits":3
 *     }
 *
 * A key is found by its line and its value decoded when it is asked for; a change replaces the lines it is about.
 * @module
 */
import { SessionError } from './errors.js'

/** The text of a session without keys. */
export const EMPTY_RECORD = '{\n}'

const KEY_AT_START = /^"(?:[^"\\]|\\.)*":/
/** Up to here a search in the text is quicker than an index of its lines. */
const SEARCHED_LENGTH = 4096

/** Keys and the JSON text of their values, as one request loaded them. */
export interface RecordView {
  /** `undefined` when there is no such key. */
  textOf(key: string): string | undefined
  keys(): Iterable<string>
}

/** One version of a record, immutable, with the text that is stored. */
export interface MergedRecord extends RecordView {
  readonly text: string
  /** The record with the change in it. */
  with(change: Applicable): MergedRecord
}

/** A record whose values are stored as they are. */
export class StoredRecord implements MergedRecord {
  readonly text: string
  #lines: Map<string, string> | undefined

  /** @throws {SessionError} `SESS_CORRUPT` when the text is not a record */
  constructor(text: string) {
    this.text = isRecord(text) ? text : relined(text)
  }

  /** The JSON text of a key's value; `undefined` when the record doesn't have it. */
  textOf(key: string): string | undefined {
    const name = nameOf(key)
    if (this.#lines !== undefined || this.text.length > SEARCHED_LENGTH) return this.#index().get(name)
    const at = this.text.indexOf(`\n${name}`)
    if (at < 0) return undefined
    const start = at + 1 + name.length
    const end = this.text.indexOf('\n', start)
    return this.text.slice(start, this.text[end - 1] === ',' ? end - 1 : end)
  }

  keys(): string[] {
    return Array.from(this.#index().keys(), (name) => JSON.parse(name.slice(0, -1)) as string)
  }

  with(change: Applicable): StoredRecord {
    const lines = new Map(this.#index())
    change.applyTo({
      textOf: (key) => lines.get(nameOf(key)),
      put: (key, text) => void (text === undefined ? lines.delete(nameOf(key)) : lines.set(nameOf(key), text)),
      clear: () => lines.clear(),
    })
    return new StoredRecord(joinLines(lines))
  }

  /** The lines as `"key":` → value text, in their order. */
  #index(): ReadonlyMap<string, string> {
    return (this.#lines ??= splitLines(this.text))
  }
}

/** How a line starts. */
const nameOf = (key: string): string => `${JSON.stringify(key)}:`

/** The shape that `joinLines` makes; anything else was written or damaged by others. */
function isRecord(text: string): boolean {
  return text.startsWith('{\n') && (text[2] === '"' || text.length === EMPTY_RECORD.length) && text.endsWith('\n}')
}

/** A record that another tool wrote, as JSON in another shape, brought into ours. */
function relined(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SessionError('SESS_CORRUPT', 'a stored session is not a record: its text is no JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SessionError('SESS_CORRUPT', 'a stored session is not a record: its text is no JSON object')
  }
  return joinLines(new Map(Object.entries(value).map(([key, item]) => [nameOf(key), JSON.stringify(item)])))
}

function splitLines(text: string): Map<string, string> {
  const lines = new Map<string, string>()
  if (text.length === EMPTY_RECORD.length) return lines
  for (const line of text.slice(2, -2).split('\n')) {
    const name = nameAtStart(line)
    lines.set(name, line.slice(name.length, line.endsWith(',') ? -1 : undefined))
  }
  return lines
}

/** The key with its quotes and colon. Only a key with a backslash in it needs more than the first quote and colon. */
function nameAtStart(line: string): string {
  const simple = line.slice(0, line.indexOf('":', 1) + 2)
  const name = simple.includes('\\') ? KEY_AT_START.exec(line)?.[0] : simple
  if (name?.startsWith('"') && name.length > 2) return name
  throw new SessionError('SESS_CORRUPT', 'a stored session is damaged: a line has no key')
}

function joinLines(lines: ReadonlyMap<string, string>): string {
  if (lines.size === 0) return EMPTY_RECORD
  const parts: string[] = []
  for (const [name, text] of lines) parts.push(name + text)
  return `{\n${parts.join(',\n')}\n}`
}

/** What a change needs of the keys that it is applied to. */
export interface KeyEditor {
  textOf(key: string): string | undefined
  /** Sets the key's text; `undefined` removes the key. */
  put(key: string, text: string | undefined): void
  clear(): void
}

/** What can be made in a record: a {@link Change}. */
export interface Applicable {
  applyTo(keys: KeyEditor): void
}

/** A key's new value as a function of the one it has when the change is applied, both as text. */
export type Rewrite = (text: string | undefined) => string | undefined

/**
 * What one request did to a record: cleared or not, keys set (a text), keys removed (`undefined`), and functions that
 * are applied to what a key holds at the moment of saving. They may run again when another request saved first.
 */
export class Change implements Applicable {
  #cleared = false
  readonly #texts = new Map<string, string | undefined>()
  readonly #rewrites = new Map<string, Rewrite[]>()

  get isEmpty(): boolean {
    return !this.#cleared && this.#texts.size === 0 && this.#rewrites.size === 0
  }

  get isCleared(): boolean {
    return this.#cleared
  }

  touches(key: string): boolean {
    return this.#texts.has(key) || this.#rewrites.has(key)
  }

  set(key: string, text: string | undefined): void {
    this.#texts.set(key, text)
    this.#rewrites.delete(key)
  }

  rewrite(key: string, rewrite: Rewrite): void {
    const list = this.#rewrites.get(key)
    if (list) list.push(rewrite)
    else this.#rewrites.set(key, [rewrite])
  }

  clear(): void {
    this.#cleared = true
    this.#texts.clear()
    this.#rewrites.clear()
  }

  /** Adds what came after this change. */
  add(later: Change): void {
    if (later.#cleared) this.clear()
    for (const [key, text] of later.#texts) this.set(key, text)
    for (const [key, rewrites] of later.#rewrites) for (const rewrite of rewrites) this.rewrite(key, rewrite)
  }

  /** What may be done twice with the same result: all but the functions. */
  idempotentPart(): Change {
    const part = new Change()
    part.#cleared = this.#cleared
    for (const [key, text] of this.#texts) part.#texts.set(key, text)
    return part
  }

  /** Makes the change: key by key, the last writer of a key wins. */
  applyTo(keys: KeyEditor): void {
    if (this.#cleared) keys.clear()
    for (const [key, text] of this.#texts) keys.put(key, text)
    for (const [key, rewrites] of this.#rewrites) {
      keys.put(
        key,
        rewrites.reduce<string | undefined>((text, rewrite) => rewrite(text), keys.textOf(key)),
      )
    }
  }
}
