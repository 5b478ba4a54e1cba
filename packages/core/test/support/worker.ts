import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../workers/requests.mjs', import.meta.url))

/** Another process with a manager on the same directory; it uses the built package. */
export class Worker {
  readonly #child: ChildProcess
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.setMaxListeners(100)
  }

  static async start(path: string): Promise<Worker> {
    const child = fork(script, [path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const died = once(child, 'exit').then(() => Promise.reject(new Error('the worker did not start: is dist built?')))
    await Promise.race([once(child, 'message'), died])
    died.catch(() => undefined) // from here on its end is ours
    return new Worker(child)
  }

  /** Lets the process serve parallel requests, one for each key; resolves when all are answered. */
  ask(what: 'set' | 'increment' | 'destroy', cookie: string, keys: string[]): Promise<void> {
    const number = ++this.#asked
    return new Promise((resolve, reject) => {
      const listen = ({ of, error }: { of: number; error?: string }): void => {
        if (of !== number) return
        this.#child.off('message', listen)
        if (error === undefined) resolve()
        else reject(new Error(error))
      }
      this.#child.on('message', listen)
      this.#child.send({ number, what, cookie, keys })
    })
  }

  async stop(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
