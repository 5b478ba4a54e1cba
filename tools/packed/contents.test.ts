/** What lies in the tarballs, and how large they are. */
import { statSync } from 'node:fs'
import { describe, expect, inject, it } from 'vitest'
import { manifestOf, pathsOf } from './tarball.js'

/** The most that a package may weigh, in kilobytes as npm transfers it. */
const LIMITS: Record<string, number> = {
  '@sess/core': 230,
  '@sess/express-store': 22,
  '@sess/leveldb': 15,
  '@sess/provider-couchbase': 13,
  '@sess/provider-ledis': 8,
  '@sess/provider-memcache': 13,
  '@sess/provider-mysql': 36,
  '@sess/provider-nodb': 8,
  '@sess/provider-postgres': 36,
  '@sess/provider-redis': 35,
}

const tarballs = inject('tarballs')

it('the limits name every package, and no other', () => {
  expect(tarballs.map(({ name }) => name).sort()).toEqual(Object.keys(LIMITS).sort())
})

it('the changesets that wait leave every package at 1.0.0 or above', () => {
  expect(tarballs.filter(({ version }) => version.startsWith('0.'))).toEqual([])
})

describe.each(tarballs)('$name $version', ({ name, version, file }) => {
  const paths = pathsOf(file)

  it('holds dist, README, LICENSE, CHANGELOG and package.json, and nothing else', () => {
    const others = paths.filter((path) => !path.startsWith('dist/'))
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    for (const path of paths) if (path.startsWith('dist/')) expect(path).toMatch(/^dist\/[\w-]+\.(c?js|d\.c?ts)$/)
  })

  it('has every file that its package.json names', () => {
    const { exports, main, module, types } = manifestOf(file)
    const named = [main, module, types, ...leaves(exports)] as string[]
    expect(named.length).toBeGreaterThan(5)
    for (const path of named) expect(paths).toContain(path.replace('./', ''))
  })

  it('says what it is and needs, and that its import has an effect if it has', () => {
    const manifest = manifestOf(file)
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      engines: { node: '>=20' },
      publishConfig: { access: 'public', provenance: true },
      keywords: expect.arrayContaining(['session']) as string[],
    })
    if (!name.startsWith('@sess/provider-')) return
    expect(manifest['sideEffects']).toEqual(['./dist/index.js', './dist/index.cjs'])
  })

  it('names types for import and for require of each entry', () => {
    const { './package.json': own, ...entries } = manifestOf(file).exports!
    expect(own).toBe('./package.json')
    for (const entry of Object.values(entries)) {
      const types = expect.stringMatching(/\.d\.c?ts$/) as string
      expect(entry).toMatchObject({ import: { types }, require: { types } })
    }
  })

  it('stays below its limit', () => {
    const kilobytes = statSync(file).size / 1000
    console.log(`${name} ${version}: ${kilobytes.toFixed(1)} kB of ${LIMITS[name]} kB`)
    expect(kilobytes).toBeLessThan(LIMITS[name]!)
  })
})

/** Every file that an `exports` leads to. */
function leaves(exports: unknown): string[] {
  return typeof exports === 'string' ? [exports] : Object.values(exports as object).flatMap(leaves)
}
