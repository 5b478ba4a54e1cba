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

/** @param {import('node:child_process').ChildProcess} child */
async function message(child) {
  const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (typeof answer !== 'object') throw new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${answer}`)
  return answer
}

/** A subject's server. */
export class Server {
  #child
  #port
  #name

  static async start(name) {
    const server = new Server()
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc']
    server.#name = name
    server.#child = fork(file('server.mjs'), [name], { stdio })
    server.#port = (await message(server.#child)).port
    return server
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Microseconds of CPU, and bytes of memory. */
  usage() {
    this.#child.send('usage')
    return message(this.#child)
  }

  /** Requests for one path, as many as one process can make. Gives how many there were, and how many a second. */
  async load(path, { seconds = 1, connections = 32, total = 0, awake = false } = {}) {
    const args = [this.#port, path, seconds, connections, total, Number(awake)]
    const child = fork(file('load.mjs'), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const result = await message(child)
    if (result.failed > 0) throw new Error(`${this.#name} ${path}: ${result.failed} of ${result.total} requests failed`)
    return result
  }

  async stop() {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
