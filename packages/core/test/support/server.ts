import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { NodeRequest, NodeResponse, Sessioner, SessionOptions } from '../../src/index.js'
import { sessioner } from '../../src/index.js'

export type Handler = (req: http.IncomingMessage, res: http.ServerResponse) => unknown

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly rawHeaders: string[]
  readonly setCookie: string[]
  readonly body: string
}

/** One application on a free port, with a client that keeps cookies as a browser does. */
export class App {
  readonly sessions: Sessioner
  readonly server: http.Server | http2.Http2Server
  readonly errors: unknown[] = []
  port = 0

  constructor(options: SessionOptions, handler: Handler, version: 1 | 2 = 1) {
    this.sessions = sessioner(options)
    const listener = (req: NodeRequest, res: NodeResponse): void => {
      this.sessions(req, res, (error) =>
        this.#handle(handler, error, req as http.IncomingMessage, res as http.ServerResponse),
      )
    }
    this.server = version === 1 ? http.createServer(listener) : http2.createServer(listener)
  }

  static async start(options: SessionOptions, handler: Handler, version: 1 | 2 = 1): Promise<App> {
    const app = new App(options, handler, version)
    await new Promise<void>((done) => app.server.listen(0, '127.0.0.1', done))
    app.port = (app.server.address() as AddressInfo).port
    return app
  }

  #handle(handler: Handler, error: unknown, req: http.IncomingMessage, res: http.ServerResponse): void {
    if (error) {
      this.errors.push(error)
      res.statusCode = (error as { status?: number }).status ?? 500
      res.end('error page')
      return
    }
    Promise.resolve()
      .then(() => handler(req, res))
      .catch((thrown: unknown) => {
        this.errors.push(thrown)
        res.statusCode = 500
        res.end('thrown')
      })
  }

  async close(): Promise<void> {
    if ('closeAllConnections' in this.server) this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
    await this.sessions.close()
  }

  request(
    path: string,
    cookie = '',
    init: { method?: string; headers?: http.OutgoingHttpHeaders } = {},
  ): Promise<Answer> {
    const headers = { ...init.headers, ...(cookie && { cookie }) }
    return send({ host: '127.0.0.1', port: this.port, path, agent: false, ...init, headers })
  }

  browser(): Browser {
    return new Browser(this)
  }
}

export function send(options: http.RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = http.request(options, (res) => {
      let received = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (received += chunk))
      res.on('error', reject)
      res.on('close', () => {
        if (!res.complete) reject(new Error('cut off'))
      })
      res.on('end', () => {
        const { statusCode: status = 0, headers, rawHeaders } = res
        resolve({ status, headers, rawHeaders, setCookie: headers['set-cookie'] ?? [], body: received })
      })
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** What a browser asks. */
export interface Site {
  request(path: string, cookie?: string, init?: RequestInit): Promise<Answer>
}

export interface RequestInit {
  method?: string
  headers?: http.OutgoingHttpHeaders
}

/** A client with a cookie jar. */
export class Browser {
  readonly jar: Map<string, string> = new Map()
  readonly #app: Site

  constructor(app: Site) {
    this.#app = app
  }

  get cookie(): string {
    return Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ')
  }

  async get(path: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await this.#app.request(path, this.cookie, init)
    for (const header of answer.setCookie) this.#take(header)
    return answer
  }

  #take(header: string): void {
    const [pair = ''] = header.split(';')
    const at = pair.indexOf('=')
    if (/max-age=0/i.test(header)) this.jar.delete(pair.slice(0, at))
    else this.jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

/** The value of the session cookie in a jar. */
export const tokenIn = (browser: Browser): string | undefined => browser.jar.get('MacaronSession')
export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
