/** The entries for other runtimes load where there is no Node. */
import { builtinModules } from 'node:module'
import { runInNewContext } from 'node:vm'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import type * as Fetch from '../src/adapters/fetch.js'

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

async function bundle(file: string): Promise<{ code: string; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [pathOf(file)],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    globalName: 'bundled',
    external: ['node:*', ...builtinModules],
    logLevel: 'silent',
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  return { code: outputFiles[0]!.text, imports }
}

/** What the web has, and nothing of Node: no process, no Buffer, no require. */
function webGlobals(): Record<string, unknown> {
  const { Headers, Request, Response, ReadableStream, TextEncoder, URL } = globalThis
  const { setTimeout, clearTimeout, queueMicrotask, performance, console } = globalThis
  const web = { Headers, Request, Response, ReadableStream, TextEncoder, URL }
  return { ...web, setTimeout, clearTimeout, queueMicrotask, performance, console }
}

const entries = ['src/adapters/fetch.ts', 'src/adapters/hono.ts', 'dist/fetch.js', 'dist/hono.js']

describe.each(entries)('%s, bundled for no platform', (name) => {
  it('imports nothing of Node', async () => {
    expect((await bundle(name)).imports).toEqual([])
  })

  it('loads, and says what is missing when it needs it', async () => {
    const { code } = await bundle(name)
    const { sessioner } = runInNewContext(`${code}; bundled`, webGlobals()) as typeof Fetch
    const sessions = sessioner()
    await sessions.ready()
    if ('open' in sessions) {
      const { session, commit } = await sessions.open(new Request('http://localhost/'))
      expect(session.get('n')).toBeUndefined()
      expect((await commit(new Response('fine'))).headers.get('Vary')).toBe('Cookie')
      expect(() => session.set('n', 1)).toThrow(/node:crypto/)
    }
    await sessions.close()
  })
})

it.each(['src/adapters/fetch.ts', 'src/adapters/hono.ts'])(
  '%s knows no provider file by itself, and says which import brings it',
  async (name) => {
    const { code } = await bundle(name)
    const { sessioner } = runInNewContext(`${code}; bundled`, webGlobals()) as typeof Fetch
    expect(() => sessioner({ provider: 'file' })).toThrow(
      expect.objectContaining({
        code: 'SESS_PROVIDER_UNKNOWN',
        message: 'option provider: expected one of memory, got "file". Is `import \'@sess/core\'` missing?',
      }),
    )
  },
)

it('src/adapters/express.ts, bundled so, does import them: this test sees what it looks for', async () => {
  expect((await bundle('src/adapters/express.ts')).imports).toContain('node:crypto')
})
