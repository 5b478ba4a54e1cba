import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { published } from './packages.mjs'

/**
 * Writes into each package.json that is published where its source lies: npm compares it with the provenance, and shows
 * it. It is known only where the release runs, so that a fork need not change nine files.
 * @param {string} folder the repository's
 * @param {string | undefined} repository `owner/name`, as GitHub's workflows have it in GITHUB_REPOSITORY
 */
export async function nameRepository(folder, repository) {
  if (!repository || !/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new Error(`GITHUB_REPOSITORY: expected owner/name, got ${JSON.stringify(repository)}`)
  const url = `git+https://github.com/${repository}.git`
  for (const { path } of await published(folder)) {
    const file = join(folder, path, 'package.json')
    const manifest = JSON.parse(await readFile(file, 'utf8'))
    manifest.repository = { type: 'git', url, directory: path }
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`)
  }
}
