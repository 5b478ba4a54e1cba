import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { root } from './root.mjs'

/** The single steps. Each takes extra arguments for its tool and gives the exit code. */

/** @param {string[]} args */
export const build = (args = []) => run('turbo', ['run', 'build', '--output-logs=errors-only', ...args])

/** @param {string[]} args */
export const typecheck = (args = []) => run('turbo', ['run', 'typecheck', '--output-logs=errors-only', ...args])

/** @param {string[]} args */
export const lint = (args = []) => run('oxlint', args)

/** Only compares, unless it is given `--write`. @param {string[]} args */
export const format = (args = []) => run('biome', ['format', ...args])

/** Writes docs/options.md, which is committed, and docs/api, which is not. */
export const docs = () => run(process.execPath, [join(root, 'tools/docs/main.mjs')])

/** Finds files, exports and dependencies that nothing uses. @param {string[]} args */
export const unused = (args = []) => run('knip', ['--no-progress', '--no-config-hints', ...args])

/** Looks at each publishable package as npm would ship it, at two at a time. */
export async function packages() {
  const waiting = publishable().values()
  const lookOn = async () => {
    for (const folder of waiting) {
      const code = await lookAt(folder)
      if (code !== 0) return code
    }
    return 0
  }
  return Math.max(...(await Promise.all([lookOn(), lookOn()])))
}

/** @param {string} folder */
async function lookAt(folder) {
  return (
    (await run('publint', ['--strict', '--pack', 'pnpm', folder])) ||
    // node16: the resolution of Node before `exports` existed is no target of ours.
    run('attw', ['--pack', '--profile', 'node16', '--no-definitely-typed', folder])
  )
}

function publishable() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join('packages', name))
    .filter((folder) => {
      const manifest = join(root, folder, 'package.json')
      return existsSync(manifest) && !JSON.parse(readFileSync(manifest, 'utf8')).private
    })
}
