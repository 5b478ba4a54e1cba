// A subject at work: its server in one process, the load in another.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = (name) => fileURLToPath(new URL(name, import.meta.url))

/** All that there are, with what they say of themselves. */
export async function subjects() {
  const names = readdirSync(file('subjects')).map((name) => name.replace('.mjs', ''))
  return Promise.all(
    names.map(async (name) => ({ name, framework: 'node', ...(await import(`./subjects/${name}.mjs`)) })),
  )
}

/** A program of this folder, which answers messages. */
class Program {
  #child
  #ended

  constructor(name, args) {
    this.#child = fork(file(name), args.map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#ended = once(this.#child, 'exit')
  }

  ask(question) {
    this.#child.send(question)
    return this.answer()
  }

  async answer() {
    const [answer] = await Promise.race([once(this.#child, 'message'), this.#ended])
    if (typeof answer !== 'object') throw new Error(`${this.#child.spawnargs.slice(1).join(' ')} ended with ${answer}`)
    return answer
  }

  async stop() {
    this.#child.disconnect()
    await this.#ended
  }
}

/** A subject's server. */
export class Server {
  #name
  #program
  #port
  /** By how many connections they have, which stay open. */
  #loads = new Map()

  static async start(name) {
    const server = new Server()
    server.#name = name
    server.#program = new Program('server.mjs', [name])
    server.#port = (await server.#program.answer()).port
    return server
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Microseconds of CPU, and bytes of memory. */
  usage() {
    return this.#program.ask('usage')
  }

  /** Requests for one path, as many as one process can make. Gives how many there were, and how many a second. */
  async load(path, { seconds = 1, connections = 32, total = 0, awake = false } = {}) {
    if (!this.#loads.has(connections)) {
      this.#loads.set(connections, new Program('load.mjs', [this.#port, connections]))
    }
    const result = await this.#loads.get(connections).ask({ path, seconds, most: total, awake })
    if (result.failed > 0) throw new Error(`${this.#name} ${path}: ${result.failed} of ${result.total} requests failed`)
    return result
  }

  async stop() {
    for (const load of this.#loads.values()) await load.stop()
    await this.#program.stop()
  }
}
