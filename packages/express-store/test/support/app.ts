/** An Express application on a free port, and a browser that keeps its cookies. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Express } from 'express'

export class App {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(build: (app: Express) => void): Promise<App> {
    const app = express()
    build(app)
    app.use(((error, _req, res, _next) => {
      res.status((error as { status?: number }).status ?? 500).send((error as Error).message)
    }) as express.ErrorRequestHandler)
    const server = await new Promise<Server>((done) => {
      const listening = app.listen(0, '127.0.0.1', () => done(listening))
    })
    return new App(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly setCookie: string[]
}

export class Browser {
  readonly jar: Map<string, string> = new Map()
  /** May be pointed at another application: cookies don't know ports. */
  app: App

  constructor(app: App) {
    this.app = app
  }

  async get(path: string): Promise<Answer> {
    const cookie = Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.app.url + path, { headers: { cookie, connection: 'close' } })
    const setCookie = response.headers.getSetCookie()
    for (const header of setCookie) this.#take(header)
    return { status: response.status, body: await response.text(), setCookie }
  }

  #take(header: string): void {
    const [pair = ''] = header.split(';')
    const at = pair.indexOf('=')
    if (/max-age=0/i.test(header)) this.jar.delete(pair.slice(0, at))
    else this.jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}
