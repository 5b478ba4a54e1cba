import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { pathWithPnpm, shell } from '../run/pnpm.mjs'
import { root } from '../run/root.mjs'

/**
 * A copy of the packages, in which a release can be tried without touching the repository.
 * @typedef {{ name: string, version: string, file: string }} Tarball
 * @typedef {{
 *   name: string, version: string, private?: boolean,
 *   exports?: Record<string, unknown>, sideEffects?: boolean | string[],
 *   dependencies?: Record<string, string>, devDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>, [field: string]: unknown
 * }} Manifest
 */

const execute = promisify(execFile)

/** What of a package is published, or says how. */
const PARTS = ['package.json', 'dist', 'README.md', 'LICENSE', 'CHANGELOG.md']

/**
 * Copies the packages as they were built, with the changesets that wait.
 * @param {string} folder an empty one, outside the workspace
 */
export async function copyPackages(folder) {
  for (const part of ['package.json', 'pnpm-workspace.yaml', '.changeset']) await copy(part)
  for (const name of await readdir(join(root, 'packages'))) {
    for (const part of PARTS) await copy(join('packages', name, part))
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await run('git', ['init', '--quiet'], folder)

  /** @param {string} part */
  async function copy(part) {
    await cp(join(root, part), join(folder, part), { recursive: true }).catch((error) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/**
 * What the packages of a folder say of themselves, the private ones left out.
 * @param {string} folder
 * @returns {Promise<Manifest[]>}
 */
export async function manifests(folder) {
  return (await located(folder)).map(({ manifest }) => manifest).filter((manifest) => !manifest.private)
}

/**
 * Rewrites every package.json, as a commit might.
 * @param {string} folder
 * @param {(manifest: Manifest) => void} change
 */
export async function changeManifests(folder, change) {
  for (const { path, manifest } of await located(folder)) {
    change(manifest)
    await writeFile(join(path, 'package.json'), JSON.stringify(manifest, null, 2))
  }
}

/** Turns the changesets that wait into versions and changelogs. @param {string} folder */
export const version = (folder) => run('changeset', ['version'], folder)

/**
 * Packs every package that is published.
 * @param {string} folder
 * @returns {Promise<Tarball[]>}
 */
export async function pack(folder) {
  await linkWorkspace(folder)
  const target = join(folder, 'tarballs')
  await mkdir(target)
  const names = (await manifests(folder)).flatMap(({ name }) => ['--filter', name])
  const output = await run('pnpm', ['--recursive', ...names, 'pack', '--pack-destination', target, '--json'], folder)
  const packed = /** @type {{ name: string, version: string, filename: string }[]} */ (JSON.parse(output))
  return packed.map(({ name, version, filename }) => ({ name, version, file: filename }))
}

/** pnpm reads the version that replaces a `workspace:` from where the dependency is installed. @param {string} folder */
async function linkWorkspace(folder) {
  const all = await located(folder)
  const places = new Map(all.map(({ path, manifest }) => [manifest.name, path]))
  for (const { path, manifest } of all) {
    for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const place = places.get(name)
      if (!place || !range.startsWith('workspace:')) continue
      const link = join(path, 'node_modules', name)
      await mkdir(dirname(link), { recursive: true })
      await symlink(place, link, 'junction')
    }
  }
}

/** @param {string} folder @returns {Promise<{ path: string, manifest: Manifest }[]>} */
async function located(folder) {
  const names = await readdir(join(folder, 'packages'))
  const paths = names.map((name) => join(folder, 'packages', name))
  return Promise.all(
    paths.map(async (path) => ({ path, manifest: JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) })),
  )
}

/** @param {string} command @param {string[]} args @param {string} cwd */
async function run(command, args, cwd) {
  const env = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + (await pathWithPnpm()) }
  const { stdout } = await execute(command, args, { cwd, env, shell, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
