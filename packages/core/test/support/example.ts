import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
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

/** Runs a snippet as it stands, on a free port and with the package as it was built. */
export async function runExample(code: string): Promise<Example> {
  const port = await freePort()
  mkdirSync(join(core, 'node_modules'), { recursive: true })
  const folder = mkdtempSync(join(core, 'node_modules/.example-'))
  const own = code
    .replace('3000', String(port))
    .replace(/'@sess\/core(?:\/(\w+))?'/g, (_all, entry = 'index') =>
      JSON.stringify(join(core, `dist/${String(entry)}.js`)),
    )
  const target = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, experimentalDecorators: true }
  writeFileSync(join(folder, 'server.mjs'), ts.transpileModule(own, { compilerOptions: target }).outputText)
  const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const stop = (): void => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.race([answers(port), once(child, 'exit').then(() => Promise.reject(new Error('it ended by itself')))])
  } catch (error) {
    stop()
    throw error
  }
  return { port, stop }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const socket = net.connect(port)
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isUp) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('it does not listen')
}
