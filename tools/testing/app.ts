import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import type { SessionOptions } from '@sess/core'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly setCookie: string | undefined
  /** When it was asked for, on the clock of `performance`. */
  readonly began: number
  /** Milliseconds. */
  readonly took: number
}

/** `unguarded`: saves compare nothing. `skew`: milliseconds by which the clock is wrong. */
export type AppOptions = SessionOptions & { unguarded?: boolean; skew?: number }

/** An application server in a process of its own. */
export class App {
  readonly #child: ChildProcess
  readonly #agent: http.Agent = new http.Agent({ keepAlive: true, maxSockets: 100 })
  readonly #port: number

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.#port = port
  }

  /** @param script the driver's app.mjs */
  static async start(script: URL, options: AppOptions): Promise<App> {
    const child = fork(script, [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--no-warnings'], // the server hears them; Node's own line on the console would be another fault
    })
    const died = once(child, 'exit').then(() => Promise.reject(new Error('the server did not start: is dist built?')))
    const [port] = (await Promise.race([once(child, 'message'), died])) as [number]
    died.catch(() => undefined) // from here on its end is ours
    return new App(child, port)
  }

  get(path: string, cookie = ''): Promise<Answer> {
    const began = performance.now()
    const headers = cookie ? { cookie } : {}
    const options = { port: this.#port, host: '127.0.0.1', path, agent: this.#agent, headers }
    return new Promise((resolve, reject) => {
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

  /** What should not be: `unhandled: …`, `warning: …` and, for each line on the console, `console: …`. */
  async faults(): Promise<string[]> {
    return JSON.parse((await this.get('/faults')).body) as string[]
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
