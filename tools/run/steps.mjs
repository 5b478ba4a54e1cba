import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyPackages, pack } from '../release/stage.mjs'
import { NEWEST } from '../types/compilers.mjs'
import { run } from './command.mjs'
import { root } from './root.mjs'

/** The single steps. Each takes extra arguments for its tool and gives the exit code. */

/** @param {string[]} args */
export const build = (args = []) => run('turbo', ['run', 'build', '--output-logs=errors-only', ...args])

/**
 * Sources, tests and tools, against the packages as they were built. The compiler takes a fifth of the time of the one
 * that makes the declarations, so that two of its versions see our sources.
 * @param {string[]} args
 */
export function typecheck(args = []) {
  const folders = [
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
    'examples/demo',
    'tools',
  ]
  return twoAtATime(folders, (folder) => run(process.execPath, [NEWEST, '--project', folder, ...args]))
}

/** @param {string[]} args */
export const lint = (args = []) => run('oxlint', args)

/** Only compares, unless it is given `--write`. @param {string[]} args */
export const format = (args = []) => run('biome', ['format', ...args])

/** Writes docs/options.md, which is committed, and docs/api, which is not. */
export const docs = () => run(process.execPath, [join(root, 'tools/docs/main.mjs')])

/** Finds files, exports and dependencies that nothing uses. @param {string[]} args */
export const unused = (args = []) => run('knip', ['--no-progress', '--no-config-hints', ...args])

/** Looks at each package as npm would ship it. */
export async function packages() {
  const folder = mkdtempSync(join(tmpdir(), 'sess-packages-'))
  try {
    await copyPackages(folder)
    return await twoAtATime(await pack(folder), ({ file }) => lookAt(file))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {string} tarball */
async function lookAt(tarball) {
  return (
    (await run('publint', ['--strict', tarball])) ||
    // node16: the resolution of Node before `exports` existed is no target of ours.
    run('attw', ['--profile', 'node16', '--no-definitely-typed', tarball])
  )
}

/**
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => Promise<number>} step gives an exit code; after another one than 0 its lane begins no more
 */
async function twoAtATime(items, step) {
  const waiting = items.values()
  const lane = async () => {
    for (const item of waiting) {
      const code = await step(item)
      if (code !== 0) return code
    }
    return 0
  }
  return Math.max(...(await Promise.all([lane(), lane()])))
}
