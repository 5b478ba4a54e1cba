/**
 * All servers of one provider.
 * @module
 */
import type { Answer } from './connection.js'
import { Node } from './node.js'
import type { Settings } from './options.js'
import type { Request } from './protocol.js'
import { OPCODE } from './protocol.js'
import { Spread } from './spread.js'

/** A request for a key, without the prefix. */
export type KeyRequest = Request & { readonly key: string }

/** Brings each request to the server that has its key. */
export class Nodes {
  readonly #nodes: readonly Node[]
  readonly #spread: Spread
  readonly #prefix: string

  constructor(settings: Settings, report: (error: Error) => void) {
    this.#nodes = settings.servers.map((address) => new Node(address, settings, report))
    this.#spread = new Spread(this.#nodes.map(({ name }) => name))
    this.#prefix = settings.prefix
  }

  /** Resolves when one of them answers: the others may be away for a while. */
  async greet(): Promise<void> {
    try {
      await Promise.any(this.#nodes.map((node) => node.ask({ opcode: OPCODE.noop })))
    } catch (error) {
      throw (error as AggregateError).errors[0]
    }
  }

  /** Once; see {@link Node.ask}. */
  ask(request: KeyRequest): Promise<Answer> {
    return this.#nodeOf(request).ask(this.#named(request))
  }

  /** Twice if need be; see {@link Node.repeat}. */
  repeat(request: KeyRequest): Promise<Answer> {
    return this.#nodeOf(request).repeat(this.#named(request))
  }

  close(): void {
    for (const node of this.#nodes) node.close()
  }

  #nodeOf({ key }: KeyRequest): Node {
    return this.#nodes[this.#spread.indexOf(key)]!
  }

  #named(request: KeyRequest): Request {
    return { ...request, key: this.#prefix + request.key }
  }
}
