import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { onStop } from './stop.mjs'
import { pathWithPnpm, shell } from './pnpm.mjs'
import { root } from './root.mjs'

/**
 * Runs a command with this process's terminal and gives its exit code. A command that was stopped has failed, whatever
 * it says, so that no other one follows it; a service that ends well when told to has not.
 * @param {string} command a program on PATH: pnpm and the root's node_modules/.bin are on it
 * @param {readonly string[]} args
 * @param {{ cwd?: string, service?: boolean }} [options]
 * @returns {Promise<number>}
 */
export async function run(command, args, { cwd = root, service = false } = {}) {
  const env = {
    ...process.env,
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    PATH: join(root, 'node_modules', '.bin') + delimiter + (await pathWithPnpm()),
  }
  const child = spawn(command, args, { cwd, env, stdio: 'inherit', shell: shell && command !== process.execPath })
  let stopped = 0
  const forget = onStop((signal) => {
    stopped = 128 + constants.signals[signal]
    // Ctrl-C in a terminal reaches the child without us; a second one would tell it to hurry.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
  const code = await exitCode(child).finally(forget)
  return service ? code : code || stopped
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
