import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * @typedef {{
 *   name: string, version: string, private?: boolean, exports?: Record<string, unknown>,
 *   dependencies?: Record<string, string>, devDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>, [field: string]: unknown
 * }} Manifest a package.json
 * @typedef {{ path: string, manifest: Manifest }} Package its folder, relative to the repository's
 */

/** @param {string} folder the repository's, or that of a copy @returns {Promise<Package[]>} */
export async function packages(folder) {
  const paths = (await readdir(join(folder, 'packages'))).map((name) => `packages/${name}`)
  return Promise.all(
    paths.map(async (path) => ({
      path,
      manifest: JSON.parse(await readFile(join(folder, path, 'package.json'), 'utf8')),
    })),
  )
}

/** Without the private ones. @param {string} folder */
export const published = async (folder) => (await packages(folder)).filter(({ manifest }) => !manifest.private)
