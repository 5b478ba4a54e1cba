import { nameRepository } from '../release/repository.mjs'
import { run } from './command.mjs'
import { root } from './root.mjs'

/** What .github/workflows/release.yml runs. Each gives the exit code. */

/** Turns the changesets that wait into versions and changelogs. @param {string[]} args */
export async function version(args) {
  return (await run('changeset', ['version', ...args])) || run('pnpm', ['install', '--lockfile-only'])
}

/** Publishes each package whose version npm does not have yet, and tags it. @param {string[]} args */
export async function publish(args) {
  await nameRepository(root, process.env.GITHUB_REPOSITORY)
  return run('changeset', ['publish', ...args])
}
