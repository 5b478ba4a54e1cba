/** Releases, tried on copies of the packages: what changesets makes of their versions. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from '../run/root.mjs'
import { published } from './packages.mjs'
import type { Manifest } from './packages.mjs'
import { nameRepository } from './repository.mjs'
import { copyPackages, version } from './stage.mjs'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** The packages at one version, with these changesets and no others. */
async function packagesAt(start: string, changesets: readonly Record<string, Bump>[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sess-release-'))
  folders.push(folder)
  await copyPackages(folder)
  for (const { path, manifest } of await published(folder))
    writeFileSync(join(folder, path, 'package.json'), JSON.stringify({ ...manifest, version: start }))
  const waiting = join(folder, '.changeset')
  for (const name of readdirSync(waiting)) if (name.endsWith('.md')) rmSync(join(waiting, name))
  changesets.forEach((bumps, n) => {
    const lines = Object.entries(bumps).map(([name, bump]) => `'${name}': ${bump}`)
    writeFileSync(join(waiting, `change-${n}.md`), `---\n${lines.join('\n')}\n---\n\nA change.\n`)
  })
  return folder
}

type Bump = 'patch' | 'minor' | 'major'

async function released(folder: string): Promise<Manifest[]> {
  await version(folder)
  return manifests(folder)
}

async function manifests(folder: string): Promise<Manifest[]> {
  return (await published(folder)).map(({ manifest }) => manifest)
}

const versionsOf = (packages: readonly Manifest[]): Record<string, string> =>
  Object.fromEntries(packages.map(({ name, version }) => [name, version]))

/** Every range of core that a package asks for, once each. */
const rangesOf = (packages: readonly Manifest[]): string[] =>
  Array.from(new Set(packages.flatMap(({ peerDependencies }) => peerDependencies?.['@sess/core'] ?? [])))

const everyPackage = async <T>(value: T): Promise<Record<string, T>> =>
  Object.fromEntries((await manifests(root)).map(({ name }) => [name, value]))

describe('from an empty history', () => {
  it('one major each gives 1.0.0 everywhere, with ranges and changelogs to match', async () => {
    const folder = await packagesAt('0.0.0', [await everyPackage('major'), { '@sess/core': 'minor' }])
    const packages = await released(folder)
    expect(versionsOf(packages)).toEqual(await everyPackage('1.0.0'))
    expect(rangesOf(packages)).toEqual(['^1.0.0'])
    const changelog = readFileSync(join(folder, 'packages/core/CHANGELOG.md'), 'utf8')
    expect(changelog).toMatch(/^# @sess\/core\n\n## 1\.0\.0\n/)
  })
})

describe('after 1.0.0', () => {
  it('a minor of core or of one driver leaves the other packages as they are', async () => {
    const minors = { '@sess/core': 'minor', '@sess/provider-redis': 'minor' } as const
    const packages = await released(await packagesAt('1.0.0', [minors]))
    const changed = { '@sess/core': '1.1.0', '@sess/provider-redis': '1.1.0' }
    expect(versionsOf(packages)).toEqual({ ...(await everyPackage('1.0.0')), ...changed })
    expect(rangesOf(packages)).toEqual(['^1.0.0'])
  })

  it('a major of core is one of every driver, and moves their ranges', async () => {
    const packages = await released(await packagesAt('1.0.0', [{ '@sess/core': 'major' }]))
    expect(versionsOf(packages)).toEqual(await everyPackage('2.0.0'))
    expect(rangesOf(packages)).toEqual(['^2.0.0'])
  })
})

describe('what npm shows as the source of a package', () => {
  it('is the repository in which the release runs, and the folder there', async () => {
    const folder = await packagesAt('1.0.0', [])
    await nameRepository(folder, 'someone/sess')
    const redis = (await manifests(folder)).find(({ name }) => name === '@sess/provider-redis')!
    const url = 'git+https://github.com/someone/sess.git'
    expect(redis['repository']).toEqual({ type: 'git', url, directory: 'packages/provider-redis' })
  })

  it('is needed', async () => {
    await expect(nameRepository(root, undefined)).rejects.toThrow('GITHUB_REPOSITORY: expected owner/name')
  })
})
