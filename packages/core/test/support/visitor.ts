import type { OpenVisit, Sessioner } from '../../src/adapters/fetch.js'
import type { Session } from '../../src/index.js'

/** A visitor without a server between: keeps the cookie, and has one request open while others come and go. */
export class Visitor {
  readonly app: Sessioner
  cookie: string

  constructor(app: Sessioner, cookie = '') {
    this.app = app
    this.cookie = cookie
  }

  /** The same cookie in another request. */
  get twin(): Visitor {
    return new Visitor(this.app, this.cookie)
  }

  open(): Promise<OpenVisit> {
    return this.app.open(new Request('http://x/', { headers: { cookie: this.cookie } }))
  }

  async finish(visit: OpenVisit): Promise<void> {
    const response = await visit.commit(new Response(null, { status: 204 }))
    for (const header of response.headers.getSetCookie()) {
      this.cookie = header.includes('Max-Age=0') ? '' : header.split(';')[0]!
    }
  }

  /** One request, from its cookie to its response. */
  async visit<T>(handler: (session: Session) => T | Promise<T>): Promise<T> {
    const visit = await this.open()
    const result = await handler(visit.session)
    await this.finish(visit)
    return result
  }
}
