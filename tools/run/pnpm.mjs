import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { root } from './root.mjs'

/** npx and the like are .cmd files on Windows, which only a shell starts. */
export const shell = process.platform === 'win32'

/** @type {string | undefined} */
let found

/**
 * A PATH on which `pnpm` is the version that package.json pins: this process's own, or one on which npx put it.
 * Asked once for each process.
 */
export async function pathWithPnpm() {
  found ??= findPath()
  return found
}

function findPath() {
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const version = packageManager.split('@')[1]
  if (output('pnpm', ['--version']) === version) return process.env.PATH ?? ''
  const path = output('npx', ['-y', '-p', packageManager, 'node', '-p', 'process.env.PATH'])
  if (!path) throw new Error(`pnpm ${version} is not on PATH, and "npx -y ${packageManager}" could not bring it`)
  return path
}

/** @param {string} command @param {string[]} args */
function output(command, args) {
  // A pnpm that is only corepack's shim would ask before it downloads; nobody is there to answer.
  const env = { ...process.env, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' }
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    env,
    shell,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', command === 'npx' ? 'inherit' : 'ignore'],
  })
  return status === 0 ? stdout.trim() : undefined
}
