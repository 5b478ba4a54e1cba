/** The packages as a stranger gets them: packed, and installed by npm into a project outside the workspace. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { NEWEST, OLDEST } from '../types/compilers.mjs'
import { bundleByEsbuild, bundleByRollup } from './bundlers.js'
import { findNode, MAJORS } from './nodes.js'
import { Outside } from './outside.js'
import { manifestOf } from './tarball.js'
import { typecheck } from './typecheck.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tarballs = inject('tarballs')
const drivers = tarballs.map(({ name }) => name).filter((name) => name.startsWith('@sess/provider-'))
const entries = tarballs.flatMap(({ name, file }) => {
  const subpaths = Object.keys(manifestOf(file).exports!).filter((key) => key !== './package.json')
  return subpaths.map((key) => name + key.slice(1))
})

const outside = new Outside(fileURLToPath(new URL('project', import.meta.url)))
afterAll(() => outside.remove())
// At the top level, where no time limit of a hook holds and `skipIf` can still be told.
const install = outside.install(tarballs.map(({ file }) => file))
const nodes = await Promise.all(MAJORS.map(findNode))
await install

type Names = Record<string, string[]>
const namesBy = async (script: string): Promise<Names> => JSON.parse(await outside.node(script, ...entries)) as Names

describe('each entry', () => {
  it('exports the same by import and by require, and something', async () => {
    const [imported, required] = await Promise.all([namesBy('names.mjs'), namesBy('names.cjs')])
    expect(required).toEqual(imported)
    expect(entries.filter((entry) => !imported[entry]?.length)).toEqual([])
    expect(entries.length).toBeGreaterThan(14)
  })
})

describe('a driver', () => {
  it('imported as CommonJS is seen by a core imported as ESM', async () => {
    expect(await outside.node('core-esm-driver-cjs.mjs', 'store-1')).toBe('visited')
  })

  it('imported as ESM is seen by a core imported as CommonJS', async () => {
    expect(await outside.node('core-cjs-driver-esm.cjs', 'store-2')).toBe('visited')
  })
})

describe('the import of a driver for its effect alone survives', () => {
  const imports = drivers.map((driver) => `import '${driver}'\n`).join('')
  const tell = `import { createManager } from '@sess/core'
    try { createManager({ provider: 'none' }) } catch (error) { console.log(error.message) }`
  mkdirSync(join(outside.folder, 'bundled'))
  writeFileSync(join(outside.folder, 'app.mjs'), imports + tell)
  writeFileSync(join(outside.folder, 'without.mjs'), tell)

  it.each([
    ['esbuild', bundleByEsbuild],
    ['rollup', bundleByRollup],
  ])('%s', async (name, bundle) => {
    const known = async (entry: string): Promise<string> => {
      const file = join(outside.folder, 'bundled', `${name}-${entry}`)
      await bundle(join(outside.folder, entry), file)
      expect(readFileSync(file, 'utf8')).not.toMatch(/^import .*["']@sess\//m)
      return outside.node(file)
    }
    const providers = ['couchbase', 'file', 'ledis', 'memcache', 'memory', 'mysql', 'nodb', 'postgres', 'redis']
    expect(await known('app.mjs')).toContain(`expected one of ${providers.join(', ')}, got`)
    expect(await known('without.mjs')).toContain('expected one of file, memory, got')
  })
})

describe('TypeScript 5.0, the first that knows moduleResolution bundler, takes the types', () => {
  it('by node16, in both kinds of module', async () => {
    const files = (['drivers', 'frameworks'] as const).flatMap((name) => [`${name}.mts`, `${name}.cts`] as const)
    await typecheck(outside, OLDEST, 'node16', files, ['--skipLibCheck'])
  })

  it('by bundler, and with the declarations checked', async () => {
    await typecheck(outside, OLDEST, 'bundler', ['drivers.ts'])
  })
})

describe('the newest TypeScript takes the types', () => {
  // One kind after the other: applications with both leave declarations unchecked, since both declare `Express.Request`.
  it.each(['drivers.mts', 'drivers.cts'] as const)(
    'by node16, in %s, and with the declarations checked',
    async (file) => {
      await typecheck(outside, NEWEST, 'node16', [file])
    },
  )

  it('by node16, of all frameworks in both kinds of module', async () => {
    await typecheck(outside, NEWEST, 'node16', ['frameworks.mts', 'frameworks.cts'], ['--skipLibCheck'])
  })

  it.each(['alone.mts', 'alone.cts'] as const)("by node16, in %s, where a framework's entry is alone", async (file) => {
    await typecheck(outside, NEWEST, 'node16', [file], ['--skipLibCheck'])
  })

  it('by bundler', async () => {
    await typecheck(outside, NEWEST, 'bundler', ['drivers.ts'])
    await typecheck(outside, NEWEST, 'bundler', ['frameworks.ts'], ['--skipLibCheck'])
  })
})

describe.each(MAJORS.map((major, n) => ({ major, node: nodes[n] })))('on Node $major', ({ major, node }) => {
  it.skipIf(!node)('every entry loads, as ES module and as CommonJS', async () => {
    expect(await outside.run(node!, ['-p', 'process.version'])).toMatch(`v${major}.`)
    for (const script of ['names.mjs', 'names.cjs']) {
      const names = JSON.parse(await outside.run(node!, [script, ...entries])) as Names
      expect(Object.keys(names)).toEqual(entries)
    }
  })

  it.skipIf(!node)("the README's first example answers, and knows its visitor again", async () => {
    const [, code] = /^```js\n(.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))!
    writeFileSync(join(outside.folder, 'server.mjs'), code!)
    const server = await outside.serve(node!, 'server.mjs')
    try {
      const first = await fetch(server.url)
      expect(await first.text()).toBe('Visit number 1')
      const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
      const second = await fetch(server.url, { headers: { cookie } })
      expect(await second.text()).toBe('Visit number 2')
      expect(second.headers.getSetCookie()).toEqual([])
    } finally {
      server.stop()
    }
  })
})
