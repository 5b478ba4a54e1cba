import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import type { SessionOptions } from '@sess/core'

const script = fileURLToPath(new URL('./server.mjs', import.meta.url))

export interface Answer {
  readonly status: number
  readonly body: string
  readonly setCookie: string | undefined
  /** When it was asked for, on the clock of `performance`. */
  readonly began: number
  /** Milliseconds. */
  readonly took: number
}

/** An application server in a process of its own. */
export class App {
  readonly #child: ChildProcess
  readonly #agent: http.Agent = new http.Agent({ keepAlive: true, maxSockets: 100 })
  readonly #port: number

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.#port = port
  }

  /** @param options of `sessioner`; `unguarded`: its saves compare nothing */
  static async start(options: SessionOptions & { unguarded?: boolean }): Promise<App> {
    const child = fork(script, [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
      execArgv: ['--no-warnings'], // the server hears them; Node's own line on the console would be another fault
    })
    const died = once(child, 'exit').then(() => Promise.reject(new Error('the server did not start: is dist built?')))
    const [port] = (await Promise.race([once(child, 'message'), died])) as [number]
    died.catch(() => undefined) // from here on its end is ours
    return new App(child, port)
  }

  get(path: string, cookie = ''): Promise<Answer> {
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const options = {
        port: this.#port,
        host: '127.0.0.1',
        path,
        agent: this.#agent,
        headers: cookie ? { cookie } : {},
      }
      const request = http.get(options, (res) => {
        let body = ''
        res.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        res.on('end', () => {
          const setCookie = res.headers['set-cookie']?.[0]?.split(';')[0]
          resolve({ status: res.statusCode!, body, setCookie, began, took: performance.now() - began })
        })
      })
      request.on('error', reject)
    })
  }

  /** A new visitor's cookie. */
  async begin(user: string): Promise<string> {
    const { setCookie, status, body } = await this.get(`/begin?user=${user}`)
    if (setCookie === undefined) throw new Error(`no session was begun: ${status} ${body}`)
    return setCookie
  }

  async faults(): Promise<string[]> {
    return JSON.parse((await this.get('/faults')).body) as string[]
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    if (this.#child.exitCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}

/** What 50 visitors met while they went on and on. */
export class Load {
  readonly failures: Answer[] = []
  answered = 0
  /** Visitors who were told that they have no session. */
  loggedOut = 0
  slowest = 0
  readonly #app: App
  #ended = false
  #visitors: Promise<void>[] = []

  private constructor(app: App) {
    this.#app = app
  }

  static async start(app: App, visitors = 50): Promise<Load> {
    const load = new Load(app)
    const cookies = await Promise.all(Array.from({ length: visitors }, (_, i) => app.begin(`user${i}`)))
    load.#visitors = cookies.map((cookie, i) => load.#visit(cookie, `user${i}`))
    return load
  }

  async #visit(cookie: string, user: string): Promise<void> {
    for (let i = 0; !this.#ended; i++) {
      const answer = await this.#app.get(i % 3 === 0 ? `/set?key=k${i % 9}` : '/read', cookie)
      this.answered++
      this.slowest = Math.max(this.slowest, answer.took)
      if (answer.status !== 200) this.failures.push(answer)
      else if (answer.body !== user && answer.body !== 'done') this.loggedOut++
      await new Promise((done) => setTimeout(done, 5))
    }
  }

  /** The errors of the requests that began from then on: those that were on their way when a server came back don't count. */
  failuresSince(time: number): Answer[] {
    return this.failures.filter(({ began }) => began >= time)
  }

  /** Resolves when every request has its answer. */
  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#visitors)
  }

  summary(): string {
    const statuses = [...new Set(this.failures.map(({ status }) => status))].join(', ') || 'none'
    const { answered, failures, loggedOut, slowest } = this
    return `${answered} answers, ${failures.length} errors (${statuses}), ${loggedOut} logged out, slowest ${Math.round(slowest)} ms`
  }
}
