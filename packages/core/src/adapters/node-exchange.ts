/**
 * One request of Node's, whatever framework lies above.
 * @module
 */
import type { Awaitable } from '../awaitable.js'
import { Exchange } from '../exchange.js'
import type { ResponseSide } from '../exchange.js'
import type { Manager } from '../manager.js'
import { isForwardedSecure } from '../trust.js'
import { HeldResponse } from './node-response.js'
import type { NodeRequest, NodeResponse } from './node.js'

export class NodeExchange implements ResponseSide {
  readonly exchange: Exchange
  readonly #manager: Manager
  readonly #held: HeldResponse
  readonly #req: NodeRequest
  readonly #isSecureToFramework: () => boolean
  readonly #holder: { readonly session?: unknown }

  /**
   * @param failed called instead of sending the response, when the session could not be committed
   * @param isSecureToFramework what the framework's own setting for proxies says; it counts where `trustProxy` is unset
   * @param holder where handlers find the session
   */
  constructor(
    manager: Manager,
    req: NodeRequest,
    res: NodeResponse,
    failed: (error: Error) => void,
    isSecureToFramework: () => boolean,
    holder: { readonly session?: unknown } = req,
  ) {
    this.#manager = manager
    this.#req = req
    this.#isSecureToFramework = isSecureToFramework
    this.#holder = holder
    this.exchange = new Exchange(manager, req.headers.cookie, this)
    this.#held = HeldResponse.attach(res, this.exchange, failed)
  }

  /** Commits ahead of the response; nothing to do where it has begun. */
  commit(): Awaitable<void> {
    return this.#held.commit()
  }

  headersSent(): boolean {
    return this.#held.isHeadSent
  }

  isDiscarded(): boolean {
    return this.#holder.session === null
  }

  isSecure(): boolean {
    const { trust, trustIsSet } = this.#manager.options
    const { socket, headers } = this.#req
    if ((socket as { encrypted?: boolean }).encrypted === true) return true
    if (trustIsSet) return isForwardedSecure(headers['x-forwarded-proto']) && trust(() => socket.remoteAddress)
    return this.#isSecureToFramework()
  }
}
