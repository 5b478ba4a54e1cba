/**
 * A browser without a network: it keeps the cookie, and its requests pass through the same exchange as those of a
 * server.
 * @module
 */
import { Exchange } from '../exchange.js'
import type { Manager } from '../manager.js'
import type { Session } from '../session.js'

/** A request that has come in and is not yet answered. */
export interface Visit {
  readonly session: Session
  /** Answers: commits, and hands the cookie to the browser. */
  readonly finish: () => Promise<void>
}

export class Visitor {
  #cookie: string | undefined

  /** @param cookie the Cookie header that the visitor comes with */
  constructor(cookie?: string) {
    this.#cookie = cookie
  }

  /** The Cookie header with which the visitor comes. */
  get cookie(): string | undefined {
    return this.#cookie
  }

  get hasCookie(): boolean {
    return this.#cookie !== undefined
  }

  /** A request comes in, its session loaded. */
  async open(manager: Manager): Promise<Visit> {
    const side = { isSecure: () => false, headersSent: () => false, isDiscarded: () => false }
    const exchange = new Exchange(manager, this.#cookie, side)
    await exchange.open()
    const finish = async (): Promise<void> => {
      await exchange.commit()
      this.#take(exchange.headers().setCookie)
    }
    return { session: exchange.session, finish }
  }

  /** A whole request. */
  async visit<T>(manager: Manager, handler: (session: Session) => T | Promise<T>): Promise<T> {
    const { session, finish } = await this.open(manager)
    const result = await handler(session)
    await finish()
    return result
  }

  #take(setCookie: string | undefined): void {
    const pair = setCookie?.split(';', 1)[0]
    if (pair !== undefined) this.#cookie = pair.endsWith('=') ? undefined : pair
  }
}

/** A visitor who has a session with these keys, and its id. */
export async function visitorWith(manager: Manager, values: Record<string, unknown>): Promise<[Visitor, string]> {
  const visitor = new Visitor()
  const id = await visitor.visit(manager, (session) => {
    for (const [key, value] of Object.entries(values)) session.set(key, value)
    return session.id
  })
  return [visitor, id]
}
