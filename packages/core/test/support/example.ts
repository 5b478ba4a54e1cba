import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const core = join(root, 'packages/core')

/** The TypeScript snippets of a page that start a server. */
export const examplesOf = (page: string): string[] => snippetsOf(page).filter((code) => code.includes('3000'))

function snippetsOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return Array.from(text.matchAll(/^```ts\n(.*?)^```/gms), (match) => match[1]!)
}

/** What the one snippet of a page that exports this name exports, with the package as it was built. */
export async function importSnippet(page: string, name: string): Promise<unknown> {
  const code = snippetsOf(page).filter((snippet) => new RegExp(`^export .* ${name}\\(`, 'm').test(snippet))
  if (code.length !== 1) throw new Error(`${page}: expected one snippet that exports ${name}, found ${code.length}`)
  const script = write(code[0]!)
  try {
    return ((await import(script)) as Record<string, unknown>)[name]
  } finally {
    rmSync(dirname(script), { recursive: true })
  }
}

/** Gives the path of the snippet as JavaScript, in a folder of its own. */
function write(code: string): string {
  const own = code.replace(
    /'@sess\/core(?:\/(\w+))?'/g,
    (_all, entry = 'index') => `'${join(core, `dist/${String(entry)}.js`)}'`,
  )
  const target = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, experimentalDecorators: true }
  const script = join(mkdtempSync(join(core, 'node_modules/.example-')), 'server.mjs')
  writeFileSync(script, ts.transpileModule(own, { compilerOptions: target }).outputText)
  return script
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
  const script = write(TELLING + code.replace('3000', '0'))
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const stop = (): void => {
    child.kill()
    rmSync(dirname(script), { recursive: true, force: true })
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
