/**
 * A record whose values are encrypted. What is compared, merged and handed out is plain; what is stored is not. A value
 * that stays the same stays as it was stored, so that an unchanged session is not written.
 * @module
 */
import type { RecordCipher } from './cipher.js'
import type { Applicable, KeyEditor } from './change.js'
import type { MergedRecord, StoredRecord } from './record.js'

export class SealedRecord implements MergedRecord {
  readonly #record: StoredRecord
  readonly #cipher: RecordCipher
  /** Values that were decrypted already, or that this process encrypted. */
  readonly #opened: Map<string, string>

  constructor(record: StoredRecord, cipher: RecordCipher, opened: Map<string, string> = new Map()) {
    this.#record = record
    this.#cipher = cipher
    this.#opened = opened
  }

  get text(): string {
    return this.#record.text
  }

  textOf(key: string): string | undefined {
    return this.#open(this.#record.textOf(key), key, this.#opened)
  }

  keys(): string[] {
    return this.#record.keys()
  }

  with(change: Applicable): SealedRecord {
    const opened = new Map(this.#opened)
    const applyTo = (lines: KeyEditor): void => change.applyTo(this.#editor(lines, opened))
    const record = this.#record.with({ size: change.size, isComputed: change.isComputed, applyTo })
    return new SealedRecord(record, this.#cipher, opened)
  }

  #editor(lines: KeyEditor, opened: Map<string, string>): KeyEditor {
    const textOf = (key: string): string | undefined => this.#open(lines.textOf(key), key, opened)
    return {
      textOf,
      put: (key, text) => {
        if (text === textOf(key)) return
        opened.delete(key)
        if (text !== undefined) opened.set(key, text)
        lines.put(key, text === undefined ? undefined : this.#cipher.seal(text, key))
      },
      clear: () => {
        opened.clear()
        lines.clear()
      },
    }
  }

  #open(sealed: string | undefined, key: string, opened: Map<string, string>): string | undefined {
    if (sealed === undefined) return undefined
    const text = opened.get(key) ?? this.#cipher.open(sealed, key)
    opened.set(key, text)
    return text
  }
}
