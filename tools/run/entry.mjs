import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { requireInstall } from './install.mjs'
import { root } from './root.mjs'
import { build } from './steps.mjs'

/**
 * Builds what a private package needs, then runs the file that its package.json names as `main`, in its folder and
 * straight under this process, so that signals reach it.
 * @param {string} folder relative to the root
 * @param {string[]} args go to the program
 */
export async function runEntry(folder, args) {
  const manifest = join(root, folder, 'package.json')
  const { name, main } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {}
  if (!main) throw new Error(`${folder}/package.json names no "main": there is nothing to run`)
  await requireInstall()
  const built = await build([`--filter=${name}...`])
  return built === 0 ? run(process.execPath, [main, ...args], { cwd: join(root, folder), service: true }) : built
}
