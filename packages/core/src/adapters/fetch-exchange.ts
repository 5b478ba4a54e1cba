/**
 * One `Request` and its `Response`, in any runtime that has these.
 * @module
 */
import type { ResponseSide, SessionHeaders } from '../exchange.js'
import { CACHE_CONTROL, Exchange } from '../exchange.js'
import type { Manager } from '../manager.js'
import { isForwardedSecure } from '../trust.js'

export class FetchExchange implements ResponseSide {
  readonly exchange: Exchange
  readonly #manager: Manager
  readonly #request: Request
  readonly #addressOf: () => string | undefined
  #isSent = false

  /** @param addressOf the address of the other end, for a `trustProxy` that lists some; a `Request` doesn't know it */
  constructor(manager: Manager, request: Request, addressOf: () => string | undefined) {
    this.#manager = manager
    this.#request = request
    this.#addressOf = addressOf
    this.exchange = new Exchange(manager, request.headers.get('cookie') ?? undefined, this)
  }

  /** Persists the change and gives the response with our headers; of a stream, it commits what changes later at the end. */
  async commit(response: Response): Promise<Response> {
    if (this.exchange.isPending()) await this.exchange.commit()
    if (response.status < 200) return response // another protocol takes over, and no such response can be made anew
    const added = this.exchange.headers()
    this.#isSent = true
    if (!this.#mayChangeLater(response)) return withHeaders(response, added)
    const isLengthKnown = response.headers.has('Content-Length')
    return withHeaders(response, added, this.#committing(response.body!, isLengthKnown))
  }

  /** An error page with the cookie that the store has confirmed: the new id of one that was moved, as the old one is dead. */
  withCookie(response: Response): Response {
    return withHeaders(response, this.exchange.headers())
  }

  headersSent(): boolean {
    return this.#isSent
  }

  /** The session is a constant of the handler, or a variable of its context. */
  isDiscarded(): boolean {
    return false
  }

  isSecure(): boolean {
    if (this.#request.url.startsWith('https:')) return true
    const { trust } = this.#manager.options
    return isForwardedSecure(this.#request.headers.get('x-forwarded-proto') ?? undefined) && trust(this.#addressOf)
  }

  /** Only a session that is there can change when the headers are gone, and only while a body is made. */
  #mayChangeLater(response: Response): boolean {
    return response.body !== null && this.exchange.isStored
  }

  /**
   * Commits at the body's end, however it comes; of a body whose length the visitor knows, ahead of each part, since the
   * last one completes it.
   */
  #committing(body: ReadableStream<Uint8Array>, isLengthKnown: boolean): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    const commit = async (): Promise<void> => {
      if (this.exchange.isPending()) await this.exchange.commit()
    }
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller): Promise<void> {
          const { done, value } = await reader.read().catch(async (error: unknown) => {
            await commit()
            throw error
          })
          if (done || isLengthKnown) await commit() // a store that is down makes the stream fail: the visitor sees it cut off
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel(reason): Promise<void> {
          try {
            await reader.cancel(reason)
          } finally {
            await commit()
          }
        },
      },
      { highWaterMark: 0 }, // nothing is read ahead of the visitor
    )
  }
}

/**
 * A copy, unless there is nothing to add: headers that came from `fetch` can't be changed, and a response that the
 * application keeps for everybody must not get one visitor's cookie.
 */
function withHeaders(response: Response, { setCookie, varies }: SessionHeaders, body = response.body): Response {
  if (body === response.body && !varies && setCookie === undefined) return response
  const headers = new Headers(response.headers)
  if (varies) addVary(headers)
  if (setCookie !== undefined) {
    headers.append('Set-Cookie', setCookie)
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', CACHE_CONTROL)
  }
  return new Response(body, { status: response.status, statusText: response.statusText, headers })
}

function addVary(headers: Headers): void {
  const vary = headers.get('Vary')
  if (!/(^|,)\s*(cookie|\*)\s*(,|$)/i.test(vary ?? '')) headers.append('Vary', 'Cookie')
}
