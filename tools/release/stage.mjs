import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { pathWithPnpm, shell } from '../run/pnpm.mjs'
import { root } from '../run/root.mjs'
import { packages, published } from './packages.mjs'

/**
 * A copy of the packages, in which a release can be tried without touching the repository.
 * @typedef {{ name: string, version: string, file: string }} Tarball
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
  const names = (await published(folder)).flatMap(({ manifest }) => ['--filter', manifest.name])
  const output = await run('pnpm', ['--recursive', ...names, 'pack', '--pack-destination', target, '--json'], folder)
  const packed = /** @type {{ name: string, version: string, filename: string }[]} */ (JSON.parse(output))
  return packed.map(({ name, version, filename }) => ({ name, version, file: filename }))
}

/** pnpm reads the version that replaces a `workspace:` from where the dependency is installed. @param {string} folder */
async function linkWorkspace(folder) {
  const all = await packages(folder)
  const places = new Map(all.map(({ path, manifest }) => [manifest.name, join(folder, path)]))
  for (const { path, manifest } of all) {
    for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const place = places.get(name)
      if (!place || !range.startsWith('workspace:')) continue
      const link = join(folder, path, 'node_modules', name)
      await mkdir(dirname(link), { recursive: true })
      await symlink(place, link, 'junction')
    }
  }
}

/** @param {string} command @param {string[]} args @param {string} cwd */
async function run(command, args, cwd) {
  const env = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + (await pathWithPnpm()) }
  const { stdout } = await execute(command, args, { cwd, env, shell, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
