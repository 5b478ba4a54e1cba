/**
 * Messages for the next page.
 * @module
 */
import { OptionError, show } from './errors.js'
import type { ManagedStore } from './managed-store.js'
import type { StoredMessage as Stored } from './own-keys.js'
import { FLASH, own, sound } from './own-keys.js'
import type { SessionState } from './session-state.js'
import { newVersion } from './token.js'

/** The kinds of messages. */
export type FlashKind = 'success' | 'error' | 'info' | 'warning'

/** One message, as views get it. */
export interface FlashMessage {
  /** Which kind of message it is. */
  readonly kind: FlashKind
  /** What the application said; not escaped. */
  readonly text: string
}

/** What happened to messages in one request. */
interface Traffic {
  readonly used: Map<string, Stored>
  readonly added: Set<string>
  /** For this response only. */
  readonly current: FlashMessage[]
}

const KINDS: readonly unknown[] = ['success', 'error', 'info', 'warning']
/** No message left: no key either. */
const listOrNothing = (list: readonly Stored[]): readonly Stored[] | undefined => (list.length > 0 ? list : undefined)

/**
 * A message is for the next response that reads it, and is used once. Views read `SuccessMsg`, `ErrorMsg`, `InfoMsg`,
 * `WarningMsg`, or `messages`. Reading when there is none creates nothing.
 */
export class Flash {
  readonly #state: SessionState
  /** What earlier requests left for this one. */
  #incoming: readonly Stored[] | undefined
  /** Most requests have no message. */
  #made: Traffic | undefined
  #isKept = false

  /** Made by a session. */
  constructor(state: SessionState) {
    this.#state = state
  }

  /** When all keys of the session are removed: what was there for this response is not any more, whoever has read it. */
  static forget(flash: Flash): void {
    flash.#incoming = []
    flash.#made?.used.clear()
  }

  get #traffic(): Traffic {
    return (this.#made ??= { used: new Map(), added: new Set(), current: [] })
  }

  /**
   * Leaves a success message for the next response that reads it.
   * @param current for this response only, instead of the next
   */
  success(text: string, current = false): void {
    this.#add('success', text, current)
  }

  /**
   * Leaves an error message for the next response that reads it.
   * @param current for this response only, instead of the next
   */
  error(text: string, current = false): void {
    this.#add('error', text, current)
  }

  /**
   * Leaves an info message for the next response that reads it.
   * @param current for this response only, instead of the next
   */
  info(text: string, current = false): void {
    this.#add('info', text, current)
  }

  /**
   * Leaves a warning message for the next response that reads it.
   * @param current for this response only, instead of the next
   */
  warning(text: string, current = false): void {
    this.#add('warning', text, current)
  }

  /** A message for this response only; it is never stored. */
  now(kind: FlashKind, text: string): void {
    this.#add(kind, text, true)
  }

  /** Leaves the messages that this response uses, before or after this call, for the next one as well. */
  keep(): void {
    this.#isKept = true
    const { used } = this.#traffic
    const kept = [...used.values()]
    if (kept.length === 0) return
    used.clear()
    this.#change((list) => [...kept.filter((message) => !has(list, message)), ...list])
  }

  /** The messages for this response, oldest first; they are used by that. */
  get messages(): FlashMessage[] {
    return this.#read(() => true)
  }

  /** The success messages for this response, one a line; empty when there is none. */
  get SuccessMsg(): string {
    return this.#textOf('success')
  }

  /** The error messages for this response, one a line; empty when there is none. */
  get ErrorMsg(): string {
    return this.#textOf('error')
  }

  /** The info messages for this response, one a line; empty when there is none. */
  get InfoMsg(): string {
    return this.#textOf('info')
  }

  /** The warning messages for this response, one a line; empty when there is none. */
  get WarningMsg(): string {
    return this.#textOf('warning')
  }

  /**
   * Takes the stored messages exactly once among parallel requests: it resolves when the store has confirmed that they
   * are nobody else's. Reading `messages` costs less, and may show a message in two pages that load at once.
   */
  take(): Promise<FlashMessage[]> {
    return this.#state.asked.track(this.#take())
  }

  async #take(): Promise<FlashMessage[]> {
    await this.#state.load()
    if (this.#load().length === 0 || this.#state.read() === undefined) return []
    const { added } = this.#traffic
    let taken: Stored[] = []
    const store = this.#change((list) => {
      taken = list.filter(([name]) => !added.has(name))
      return list.filter(([name]) => added.has(name))
    }, false)
    await this.#state.commit()
    this.#incoming = []
    return store.outcome === 'gone' ? [] : taken.map(messageOf)
  }

  #add(kind: FlashKind, text: string, current: boolean): void {
    if (!KINDS.includes(kind)) throw new OptionError('kind', 'success, error, info or warning', show(kind))
    if (typeof text !== 'string') throw new OptionError('text', 'the text of a message', show(text))
    if (current) {
      this.#traffic.current.push({ kind, text })
      return
    }
    this.#load() // what is added now is not for this response
    const message: Stored = [newVersion(), kind, text]
    this.#traffic.added.add(message[0])
    this.#change((list) => (has(list, message) ? list : [...list, message]))
  }

  #textOf(kind: FlashKind): string {
    return this.#read((message) => message[1] === kind, kind)
      .map(({ text }) => text)
      .join('\n')
  }

  #read(wanted: (message: Stored) => boolean, kind?: FlashKind): FlashMessage[] {
    const { used, current } = this.#traffic
    const found = this.#load().filter(wanted)
    this.#use(found.filter(([name]) => !used.has(name)))
    return [...found.map(messageOf), ...current.filter((message) => kind === undefined || message.kind === kind)]
  }

  #load(): readonly Stored[] {
    const store = this.#state.read()
    return (this.#incoming ??= (store && own(store, FLASH)) ?? [])
  }

  #use(messages: Stored[]): void {
    if (messages.length === 0 || this.#isKept) return
    for (const message of messages) this.#traffic.used.set(message[0], message)
    this.#change((list) => list.filter((message) => !has(messages, message)))
  }

  /** @param mayRepeat also where it was done already: each message has its name */
  #change(fn: (list: readonly Stored[]) => readonly Stored[], mayRepeat = true): ManagedStore {
    const store = this.#state.write()
    store.apply(FLASH, (value) => listOrNothing(fn(sound(store.id, FLASH, value) ?? [])), mayRepeat)
    return store
  }
}

const messageOf = ([, kind, text]: Stored): FlashMessage => ({ kind: kind as FlashKind, text })
const has = (list: readonly Stored[], [name]: Stored): boolean => list.some(([other]) => other === name)
