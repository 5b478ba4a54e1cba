import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const core = join(root, 'packages/core')

/** The TypeScript snippets of a page that start a server. */
export function examplesOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return Array.from(text.matchAll(/^```ts\n(.*?)^```/gms), (match) => match[1]!).filter((code) => code.includes('3000'))
}

export interface Example {
  readonly port: number
  stop(): void
}

/** Tells the port on which the snippet listens; the snippet itself knows nothing of it. */
const TELLING = `import net from 'node:net'
const { listen } = net.Server.prototype
net.Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send(this.address().port))
  return listen.apply(this, args)
}
`

/** Runs a snippet as it stands, on a free port and with the package as it was built. */
export async function runExample(code: string): Promise<Example> {
  const folder = mkdtempSync(join(core, 'node_modules/.example-'))
  const own = code
    .replace('3000', '0')
    .replace(/'@sess\/core(?:\/(\w+))?'/g, (_all, entry = 'index') => `'${join(core, `dist/${String(entry)}.js`)}'`)
  const target = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, experimentalDecorators: true }
  const script = join(folder, 'server.mjs')
  writeFileSync(script, TELLING + ts.transpileModule(own, { compilerOptions: target }).outputText)
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const stop = (): void => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the example ended by itself')))
  ended.catch(() => undefined) // from its start on, its end is ours
  try {
    const [port] = (await Promise.race([once(child, 'message'), ended])) as [number]
    return { port, stop }
  } catch (error) {
    stop()
    throw error
  }
}
