import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { root } from './root.mjs'

const stamp = join(root, 'node_modules', '.lockfile-installed')

/** Installs what the lockfile says, unless it is installed already. Gives the exit code. */
export async function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0
  const code = await run('pnpm', ['install', '--frozen-lockfile'])
  if (code === 0) writeFileSync(stamp, wanted)
  return code
}

/** The same for tasks that make no sense without it. */
export async function requireInstall() {
  if ((await install()) !== 0) throw new Error('The install failed: see above')
}
