/**
 * The text of a record and its lines: found, taken apart, joined, edited. See {@link StoredRecord} for what it looks like.
 * @module
 */
import { BoundedMap } from './bounded-map.js'
import type { KeyEditor } from './change.js'
import { SessionError } from './errors.js'

/** The text of a session without keys. */
export const EMPTY_RECORD = '{\n}'

const KEY_AT_START = /^"(?:[^"\\]|\\.)*":/

/** Where a line stands in a record's text: the line break before it, the start of its value, and the end of that. */
export interface Line {
  readonly start: number
  readonly value: number
  readonly end: number
}

/** @param from where to begin the search */
export function findLine(text: string, name: string, from = 0): Line | undefined {
  const start = text.indexOf(name, from)
  if (start < 0) return undefined
  const value = start + name.length
  const end = text.indexOf('\n', value)
  return { start, value, end: text[end - 1] === ',' ? end - 1 : end }
}

/** How the lines of the keys in use start: a twelfth of a read goes into making these anew. */
const names = new BoundedMap<string>(1000)

/** How a line starts, from the line break before it on. */
export function nameOf(key: string): string {
  let name = names.get(key)
  if (name === undefined) names.set(key, (name = `\n${JSON.stringify(key)}:`))
  return name
}

/** The shape that `joinLines` makes; anything else was written or damaged by others. */
export function isRecord(text: string): boolean {
  return text.startsWith('{\n') && (text[2] === '"' || text.length === EMPTY_RECORD.length) && text.endsWith('\n}')
}

const damage = (id: string, what: string, options?: { cause: unknown }): SessionError =>
  new SessionError('SESS_CORRUPT', `session ${id}: what is stored is not a record: ${what}`, options)

/** A record that another tool wrote, as JSON in another shape, brought into ours. */
export function relined(text: string, id: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damage(id, 'its text is no JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damage(id, 'its text is no JSON object')
  }
  try {
    return joinLines(new Map(Object.entries(value).map(([key, item]) => [nameOf(key), JSON.stringify(item)])))
  } catch (cause) {
    throw damage(id, 'a value is nested too deep', { cause }) // JSON.parse takes what exhausts the stack here
  }
}

export function splitLines(text: string, id: string): Map<string, string> {
  const lines = new Map<string, string>()
  if (text.length === EMPTY_RECORD.length) return lines
  for (const line of text.slice(2, -2).split('\n')) {
    const name = nameAtStart(line)
    if (name === undefined) throw damage(id, 'a line has no key')
    lines.set(`\n${name}`, line.slice(name.length, line.endsWith(',') ? -1 : undefined))
  }
  return lines
}

/** The key with its quotes and colon. Only a key with a backslash in it needs more than the first quote and colon. */
function nameAtStart(line: string): string | undefined {
  const simple = line.slice(0, line.indexOf('":', 1) + 2)
  const name = simple.includes('\\') ? KEY_AT_START.exec(line)?.[0] : simple
  return name?.startsWith('"') && name.length > 2 ? name : undefined
}

/** The key that a name in {@link splitLines} stands for. */
export function keyOf(name: string, id: string): string {
  try {
    return JSON.parse(name.slice(0, -1)) as string
  } catch (cause) {
    throw damage(id, 'a key is no JSON text', { cause })
  }
}

/** Whoever reads a character of it, as `isRecord` does, makes it one text, which keeps none of its parts in memory. */
function joinLines(lines: Iterable<readonly [name: string, text: string]>): string {
  let joined = ''
  for (const [name, text] of lines) joined += (joined === '' ? '{' : ',') + name + text
  return joined === '' ? EMPTY_RECORD : `${joined}\n}`
}

/** Edits a record's text where a line stands. */
export class TextEditor implements KeyEditor {
  text: string

  constructor(text: string) {
    this.text = text
  }

  textOf(key: string): string | undefined {
    const found = findLine(this.text, nameOf(key))
    return found && this.text.slice(found.value, found.end)
  }

  put(key: string, value: string | undefined): void {
    const name = nameOf(key)
    const found = findLine(this.text, name)
    if (found && value !== undefined) this.text = this.text.slice(0, found.value) + value + this.text.slice(found.end)
    else if (found) this.#remove(found)
    else if (value !== undefined) this.#append(name + value)
  }

  clear(): void {
    this.text = EMPTY_RECORD
  }

  #append(line: string): void {
    this.text = this.text.length === EMPTY_RECORD.length ? `{${line}\n}` : `${this.text.slice(0, -2)},${line}\n}`
  }

  /** With the comma that parts it from its neighbour: the one behind it, for the last line the one before. */
  #remove({ start, end }: Line): void {
    const isLast = this.text[end] !== ','
    const from = isLast && this.text[start - 1] === ',' ? start - 1 : start
    this.text = this.text.slice(0, from) + this.text.slice(isLast ? end : end + 1)
  }
}

/** Writes a record that holds nothing yet, where no key is put twice. */
export class FirstEditor implements KeyEditor {
  readonly #lines: [name: string, text: string][] = []

  get text(): string {
    return joinLines(this.#lines)
  }

  textOf(): undefined {
    return undefined
  }

  put(key: string, value: string | undefined): void {
    if (value !== undefined) this.#lines.push([nameOf(key), value])
  }

  clear(): void {
    // there is nothing yet
  }
}

/** Edits a record as a list of lines. */
export class LineEditor implements KeyEditor {
  readonly #lines: Map<string, string>

  constructor(lines: Map<string, string>) {
    this.#lines = lines
  }

  get text(): string {
    return joinLines(this.#lines)
  }

  textOf(key: string): string | undefined {
    return this.#lines.get(nameOf(key))
  }

  put(key: string, value: string | undefined): void {
    if (value === undefined) this.#lines.delete(nameOf(key))
    else this.#lines.set(nameOf(key), value)
  }

  clear(): void {
    this.#lines.clear()
  }
}
