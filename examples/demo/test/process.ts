import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** `node src/server.js`, as `npm start` runs it. */
export class DemoProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<Ended>

  constructor(...args: string[]) {
    const { PATH = '' } = process.env
    this.#child = spawn(process.execPath, ['src/server.js', ...args], { cwd: folder, env: { PATH } })
    this.#ended = endOf(this.#child)
  }

  /** The address it prints once it listens. */
  async url(): Promise<string> {
    for await (const line of createInterface(this.#child.stdout)) if (/^http:\/\/localhost:\d+$/.test(line)) return line
    const { errors } = await this.#ended
    throw new Error(`the demo did not start: ${errors}`)
  }

  ended(): Promise<Ended> {
    return this.#ended
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#child.kill(signal)
    return this.#ended
  }
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const written = { output: '', errors: '' }
  child.stdout.on('data', (chunk) => (written.output += chunk))
  child.stderr.on('data', (chunk) => (written.errors += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...written }
}
