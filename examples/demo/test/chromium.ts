import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const DEBIAN = '/usr/bin/chromium'
const NOTICE = `
************************************************************************
  No Chromium: the browser tests of the demo are SKIPPED.
  Set CHROMIUM_PATH to a Chromium or Chrome, or install Debian's.
************************************************************************
`

/**
 * Where the browser is: `CHROMIUM_PATH`, or Debian's, which is installed when we are root on Debian. Without one: nothing
 * and a loud notice.
 * @throws {Error} instead, when `CI` is set or `CHROMIUM_PATH` leads nowhere
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { CHROMIUM_PATH: chosen, CI: ci } = env
  if (chosen && !existsSync(chosen)) throw new Error(`CHROMIUM_PATH is "${chosen}", and nothing is there`)
  if (chosen) return chosen
  if (!existsSync(DEBIAN) && isRootOnDebian()) install()
  if (existsSync(DEBIAN)) return DEBIAN
  if (ci === 'true' || ci === '1') throw new Error(`No Chromium at ${DEBIAN}: install it or set CHROMIUM_PATH`)
  console.warn(NOTICE)
  return undefined
}

// Not its descendants: Ubuntu's package of that name only leads to another store.
function isRootOnDebian(): boolean {
  const release = '/etc/os-release'
  return process.getuid?.() === 0 && existsSync(release) && /^ID="?debian"?$/m.test(readFileSync(release, 'utf8'))
}

function install(): void {
  console.warn('Installing Chromium for the browser tests of the demo …')
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium')
}

/** A failure shows in the browser still missing, and on stderr. */
function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 })
}
