import type { Method } from './response-hooks.js'

/** A call that is made later. */
export interface Kept {
  readonly method: Method
  readonly args: unknown[]
}

/**
 * Bytes that are kept before `write` asks for a pause. More than the buffers of the streams below, which then ask for one
 * themselves when they get all of it, and say by themselves when it is over.
 */
const MOST_KEPT = 128 * 1024

/** The calls of a response that waits, in order. */
export class KeptCalls {
  readonly #calls: Kept[] = []
  #length = 0
  #owesDrain = false

  get isEmpty(): boolean {
    return this.#calls.length === 0
  }

  get hasEnd(): boolean {
    return this.#calls.some(({ method }) => method === 'end')
  }

  get beginsWithHead(): boolean {
    return this.#calls[0]?.method === 'writeHead'
  }

  push(method: Method, args: unknown[]): void {
    this.#calls.push({ method, args })
  }

  /** Keeps a write. False asks for a pause, as the stream's own. */
  write(args: unknown[], length: number): boolean {
    this.push('write', args)
    this.#length += length
    const isFull = this.#length >= MOST_KEPT
    this.#owesDrain ||= isFull
    return !isFull
  }

  /** The arguments of an end by which nothing else was kept. */
  takeLoneEnd(): unknown[] | undefined {
    return this.#calls.length === 1 && this.hasEnd ? this.#calls.pop()!.args : undefined
  }

  takeAll(): Kept[] {
    this.#length = 0
    return this.#calls.splice(0)
  }

  /** Whether a pause was asked for, of which the end was not told yet. */
  takeDrain(): boolean {
    const owesDrain = this.#owesDrain
    this.#owesDrain = false
    return owesDrain
  }
}
