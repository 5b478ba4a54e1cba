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
import type { Applicable } from './change.js'
import type { Line } from './record-text.js'
import {
  EMPTY_RECORD,
  findLine,
  FirstEditor,
  isRecord,
  keyOf,
  LineEditor,
  nameOf,
  relined,
  splitLines,
  TextEditor,
} from './record-text.js'

/** Up to here a search in the text is quicker than an index of its lines. */
const SEARCHED_LENGTH = 4096
/** Up to so many keys are changed in the text; for more, all lines are taken apart and joined again. */
const SPLICED_KEYS = 4

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
  readonly #id: string
  #lines: Map<string, string> | undefined
  /** Where the first line of a key that starts with `@` may be; -1: there is none. */
  #own: number | undefined

  /**
   * @param id whose it is, as an error names it
   * @throws {SessionError} `SESS_CORRUPT` when the text is not a record
   */
  constructor(text: string, id = '') {
    this.text = isRecord(text) ? text : relined(text, id)
    this.#id = id
  }

  /** The JSON text of a key's value; `undefined` when the record doesn't have it. */
  textOf(key: string): string | undefined {
    const name = nameOf(key)
    if (this.#lines !== undefined || this.text.length > SEARCHED_LENGTH) return this.#index().get(name)
    const found = key[0] === '@' ? this.#findOwn(name) : findLine(this.text, name)
    return found && this.text.slice(found.value, found.end)
  }

  /** Each read asks for several of core's own keys, most of which are not there. */
  #findOwn(name: string): Line | undefined {
    this.#own ??= this.text.indexOf('\n"@')
    return this.#own < 0 ? undefined : findLine(this.text, name, this.#own)
  }

  keys(): string[] {
    return Array.from(this.#index().keys(), (name) => keyOf(name, this.#id))
  }

  with(change: Applicable): StoredRecord {
    const editor = this.#editorFor(change)
    change.applyTo(editor)
    return new StoredRecord(editor.text, this.#id)
  }

  #editorFor({ size, isComputed }: Applicable): FirstEditor | TextEditor | LineEditor {
    if (this.text.length === EMPTY_RECORD.length && !isComputed) return new FirstEditor()
    const isSmall = this.text.length <= SEARCHED_LENGTH && size <= SPLICED_KEYS
    return isSmall ? new TextEditor(this.text) : new LineEditor(new Map(this.#index()))
  }

  /** The lines as name → value text, in their order. */
  #index(): ReadonlyMap<string, string> {
    return (this.#lines ??= splitLines(this.text, this.#id))
  }
}
