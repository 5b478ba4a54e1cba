import type { Provider, Storage } from '../../src/index.js'
import { defineProvider } from '../../src/index.js'
import { MemoryStorage } from '../../src/providers/memory.js'

/** The real memory storage behind a glass pane: its commands are counted, delayed, failed or never answered on request. */
export class Spy {
  readonly commands: string[] = []
  /** Milliseconds before a command, as a function of its name. */
  delay: (command: string) => number = () => 0
  /** Milliseconds between a command and its answer. */
  answerDelay: (command: string) => number = () => 0
  /** What a command fails with. */
  fail: (command: string) => Error | undefined = () => undefined
  hangs = false
  records!: Storage

  /** Another one for each manager, on the same records. */
  get provider(): Provider {
    return defineProvider({
      name: 'spy',
      open: (_config, { clock }) => this.#watch((this.records ??= new MemoryStorage(Number.POSITIVE_INFINITY, clock))),
    })
  }

  /** The commands since the last call. */
  take(): string[] {
    return this.commands.splice(0)
  }

  #watch(storage: Storage): Storage {
    return new Proxy(storage, {
      get: (target, name: keyof Storage) => {
        const method = target[name]
        if (typeof method !== 'function' || name === 'close') return undefined
        return (...args: unknown[]) => this.#run(name, () => Reflect.apply(method, target, args) as Promise<unknown>)
      },
    })
  }

  async #run(name: string, command: () => Promise<unknown>): Promise<unknown> {
    this.commands.push(name)
    if (this.hangs) await new Promise(() => undefined)
    const wait = this.delay(name)
    if (wait > 0) await new Promise((done) => setTimeout(done, wait))
    const error = this.fail(name)
    if (error) throw error
    const answer = command()
    const late = this.answerDelay(name)
    if (late > 0) await new Promise((done) => setTimeout(done, late))
    return answer
  }
}
