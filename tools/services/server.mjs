import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { account } from './account.mjs'
import { guard } from './guard.mjs'
import { isAlive, processTree, send } from './process-tree.mjs'
import { serverEnv } from './program.mjs'
import { waitFor } from './wait.mjs'

/**
 * @typedef {object} Settings
 * @property {string} name
 * @property {string} program
 * @property {string[]} args
 * @property {string} folder for its log, and its working directory
 * @property {number} port
 * @property {string} url
 * @property {() => Promise<boolean>} ready
 * @property {NodeJS.Signals} [stopSignal]
 * @property {boolean} [isOurs] runs as this user, from whose folders another one may not read
 */

/**
 * One server process; nothing runs before `start`.
 * @param {Settings} settings
 * @returns {import('./types.js').Server}
 */
export function createServer({
  name,
  program,
  args,
  folder,
  port,
  url,
  ready,
  stopSignal = 'SIGTERM',
  isOurs = false,
}) {
  const logFile = join(folder, `${name}.log`)
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  let paused = false

  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')

  function launch() {
    // A file, not a pipe: nobody has to read it, and a paused or dying server loses nothing.
    const output = openSync(logFile, 'a')
    const launched = spawn(program, args, {
      ...(isOurs ? {} : account()),
      cwd: folder,
      env: serverEnv(folder),
      // A group of its own: Ctrl-C in a terminal is for us, who then stop it.
      detached: true,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    const { pid } = launched
    const gone = () => {
      if (child === launched) child = undefined
      if (pid !== undefined) guard({ type: 'ended', pid })
    }
    launched.on('error', (error) => {
      appendFileSync(logFile, `${error.message}\n`)
      gone()
    })
    launched.on('exit', gone)
    launched.unref()
    if (pid !== undefined) guard({ type: 'started', pid, signal: stopSignal })
    child = launched
    paused = false
  }

  /** @param {NodeJS.Signals} signal @param {number} [seconds] before it is killed */
  async function end(signal, seconds = 10) {
    const pid = child?.pid
    if (pid === undefined) return
    const tree = processTree(pid)
    if (signal === 'SIGKILL') for (const each of tree) send(each, signal)
    else if (paused) for (const each of tree) send(each, 'SIGCONT')
    send(pid, signal)
    const over = () => !tree.some(isAlive) && child?.pid !== pid
    if (await waitFor(over, { seconds })) return
    if (signal === 'SIGKILL') throw new Error(`${name} (process ${pid}) does not end`)
    await end('SIGKILL')
  }

  return {
    name,
    port,
    url,
    log,
    get state() {
      if (child === undefined) return 'down'
      return paused ? 'paused' : 'running'
    },
    get pid() {
      return child?.pid
    },
    async start() {
      if (child) return
      launch()
      const up = await waitFor(async () => child === undefined || (await ready()), { seconds: 30 })
      if (up && child) return
      await end('SIGKILL')
      throw new Error(`${name} ${up ? 'ended' : 'did not answer within 30 seconds'}:\n${log().slice(-2000)}`)
    },
    async pause() {
      if (child?.pid === undefined) throw new Error(`${name} is down: nothing to pause`)
      // First the parent, so that no child of it is missed.
      send(child.pid, 'SIGSTOP')
      for (const pid of processTree(child.pid)) send(pid, 'SIGSTOP')
      paused = true
    },
    async resume() {
      if (child?.pid === undefined) throw new Error(`${name} is down: nothing to resume`)
      for (const pid of processTree(child.pid)) send(pid, 'SIGCONT')
      paused = false
    },
    kill: () => end('SIGKILL'),
    stop: () => end(stopSignal),
    async restart() {
      await end(stopSignal)
      await this.start()
    },
  }
}
