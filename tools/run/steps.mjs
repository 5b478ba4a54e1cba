import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyPackages, pack } from '../release/stage.mjs'
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

/** Looks at each package as npm would ship it, at two at a time. */
export async function packages() {
  const folder = mkdtempSync(join(tmpdir(), 'sess-packages-'))
  try {
    await copyPackages(folder)
    const waiting = (await pack(folder)).values()
    const lookOn = async () => {
      for (const { file } of waiting) {
        const code = await lookAt(file)
        if (code !== 0) return code
      }
      return 0
    }
    return Math.max(...(await Promise.all([lookOn(), lookOn()])))
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
