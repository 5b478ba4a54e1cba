import type { Answer, App } from './app.js'
import { until } from './until.js'

/** What visitors meet who go on and on. */
export class Load {
  readonly failures: Answer[] = []
  /** How many were told that they have no session. */
  loggedOut = 0
  slowest = 0
  readonly #app: App
  /** Answers, by visitor. */
  readonly #answered: number[]
  readonly #visitors: Promise<void>[]
  #ended = false

  private constructor(app: App, cookies: string[], writes: boolean) {
    this.#app = app
    this.#answered = cookies.map(() => 0)
    this.#visitors = cookies.map((cookie, i) => this.#visit(i, cookie, writes))
  }

  static async start(app: App, visitors: number, writes = true): Promise<Load> {
    return new Load(app, await Promise.all(Array.from({ length: visitors }, (_, i) => app.begin(`user${i}`))), writes)
  }

  get answered(): number {
    return this.#answered.reduce((sum, answers) => sum + answers, 0)
  }

  async #visit(visitor: number, cookie: string, writes: boolean): Promise<void> {
    for (let i = 0; !this.#ended; i++) {
      const answer = await this.#app.get(writes && i % 3 === 0 ? `/set?key=k${i % 9}` : '/read', cookie)
      this.#answered[visitor]!++
      this.slowest = Math.max(this.slowest, answer.took)
      if (answer.status !== 200) this.failures.push(answer)
      else if (answer.body !== `user${visitor}` && answer.body !== 'done') this.loggedOut++
      await new Promise((done) => setTimeout(done, 5))
    }
  }

  /** Resolves when each visitor had so many more answers; all but the first are to what was asked from now on. */
  async goesOn(times = 3, milliseconds?: number): Promise<void> {
    const before = [...this.#answered]
    await until(() => this.#answered.every((answers, i) => answers - before[i]! >= times), milliseconds)
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
