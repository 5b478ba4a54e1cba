/** The Fetch entry in the runtime of Cloudflare's Workers, where what a request has begun ends with it. */
import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, get } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inCI } from '../../../tools/services/vitest.mjs'

/** The path of the runtime's binary; `undefined` where there is none for this system, or it doesn't run. */
function findRuntime(): string | undefined {
  try {
    const { default: path } = createRequire(import.meta.url)('workerd') as { default: string }
    return spawnSync(path, ['--version']).status === 0 ? path : undefined
  } catch (error) {
    console.warn(error)
    return undefined
  }
}

const workerd = findRuntime()
const isSkipped = workerd === undefined && !inCI()
if (isSkipped) console.warn("\nSKIPPED, not tested: Cloudflare's workerd, which does not run on this system\n")

/** Without the guard in `end-of-turn.ts` all requests hang after some thousands of them. */
const REQUESTS = 30_000

const WORKER = `
import { withSession } from './adapters/fetch.ts'
let handler // made with the first request: a Worker can't draw random numbers before
export default {
  fetch: (request) => (handler ??= withSession(answer, { provider: 'memory' }))(request),
}
async function answer(request, { session }) {
  if (request.url.endsWith('/begin')) session.set('n', 1)
  await new Promise((resolve) => setTimeout(resolve, 1))
  return new Response(String(session.get('n')))
}`

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-10-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);`

let port: number
const agent = new Agent({ keepAlive: true, maxSockets: 32 })

async function visit(path: string, cookie = ''): Promise<IncomingMessage & { text: string }> {
  const request = get({ port, path, agent, host: '127.0.0.1', headers: { cookie }, timeout: 5000 })
  request.on('timeout', () => request.destroy(new Error(`no answer from ${path}`)))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return Object.assign(response, { text: await text(response) })
}

describe.skipIf(isSkipped)("in Cloudflare's workerd", () => {
  let folder: string
  let runtime: ChildProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sess-workerd-'))
    await build({
      stdin: { contents: WORKER, resolveDir: fileURLToPath(new URL('../src', import.meta.url)) },
      outfile: join(folder, 'worker.js'),
      bundle: true,
      format: 'esm',
      logLevel: 'error',
    })
    writeFileSync(join(folder, 'config.capnp'), CONFIG)
    const args = ['serve', 'config.capnp', '--control-fd=3']
    runtime = spawn(workerd!, args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    const [told] = (await once(runtime.stdio[3] as Readable, 'data')) as [Buffer]
    port = (JSON.parse(told.toString().split('\n')[0]!) as { port: number }).port
  })

  afterAll(async () => {
    agent.destroy()
    runtime.kill()
    await once(runtime, 'exit')
    rmSync(folder, { recursive: true })
  })

  it('answers request after request, many at a time, with a session and without', async () => {
    const begun = await visit('/begin')
    const cookie = begun.headers['set-cookie']![0]!.split(';')[0]!
    const counts: Record<string, number> = {}
    let left = REQUESTS
    async function comeAgain(own: string): Promise<void> {
      while (left-- > 0) {
        const { statusCode, text: body } = await visit('/', own)
        counts[`${statusCode} ${body}`] = (counts[`${statusCode} ${body}`] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: 32 }, (_, n) => comeAgain(n % 2 ? cookie : '')))
    console.log('Workers:', counts)
    expect(counts['200 1']! + counts['200 undefined']!).toBe(REQUESTS)
  }, 60_000)
})
