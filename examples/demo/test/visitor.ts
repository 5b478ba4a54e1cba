/** What a test looks at in a page. */
export interface Page {
  readonly status: number
  readonly html: string
  readonly headers: Headers
  /** The messages, as `kind: text`. */
  readonly messages: string[]
  /** The number on the cart. */
  readonly inCart: number
  readonly user: string | undefined
}

/** A browser's cookie jar and nothing more. */
export class Visitor {
  readonly #url: string
  cookie: string | undefined
  /** The last Set-Cookie, as it was sent. */
  setCookie: string | undefined

  constructor(url: string) {
    this.#url = url
  }

  get(path: string): Promise<Page> {
    return this.#send(path, {})
  }

  /** Sends a form and follows the redirect. */
  async post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> {
    const answer = await this.submit(path, fields, headers)
    const location = answer.headers.get('location')
    return location === null ? answer : this.get(location)
  }

  /** Sends a form and does not follow the redirect. */
  submit(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  async #send(path: string, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers)
    if (this.cookie !== undefined) headers.set('cookie', this.cookie)
    const response = await fetch(this.#url + path, { ...init, headers, redirect: 'manual' })
    this.#keep(response.headers.getSetCookie()[0])
    return pageOf(response, await response.text())
  }

  #keep(setCookie: string | undefined): void {
    if (setCookie === undefined) return
    this.setCookie = setCookie
    const pair = setCookie.split(';')[0] ?? ''
    this.cookie = /Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(setCookie) ? undefined : pair
  }
}

function pageOf({ status, headers }: Response, html: string): Page {
  const found = html.matchAll(/<p class="message (\w+)"><b>\w+<\/b> (.*?)<\/p>/g)
  return {
    status,
    html,
    headers,
    messages: [...found].map(([, kind, text]) => `${kind}: ${text}`),
    inCart: Number(/id="in-cart">(\d+)</.exec(html)?.[1]),
    user: /id="user">(.*?)</.exec(html)?.[1],
  }
}
