import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {{ type: 'started', pid: number, signal: NodeJS.Signals } | { type: 'ended', pid: number }
 *   | { type: 'made', folder: string } | { type: 'removed', folder: string }} Message
 */

/** @type {import('node:net').Socket | undefined} */
let watchdog

/** Tells the watchdog what to end and to remove in case this process can't do it any more. @param {Message} message */
export function guard(message) {
  const input = (watchdog ??= startWatchdog())
  input.write(`${JSON.stringify(message)}\n`)
}

function startWatchdog() {
  const program = fileURLToPath(new URL('watchdog.mjs', import.meta.url))
  // In a group of its own: Ctrl-C in a terminal ends us, not it.
  const child = spawn(process.execPath, [program], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither keeps this process from ending: that is what it waits for.
  child.unref()
  const input = /** @type {import('node:net').Socket} */ (child.stdin)
  input.unref()
  // Somebody ended it: then nobody watches, which is no reason to fail.
  input.on('error', () => {})
  return input
}
