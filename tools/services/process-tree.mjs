import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'

/**
 * @typedef {{ pid: number, parent: number, dead: boolean }} Entry `dead`: it ended, and nobody has asked how
 */

const proc = existsSync('/proc/self/stat')

/** The process and all that descend from it; none if it is gone. @param {number} pid */
export function processTree(pid) {
  const all = processes().filter((entry) => !entry.dead)
  const tree = all.filter((entry) => entry.pid === pid)
  // Grows while it is walked.
  for (const { pid: parent } of tree) tree.push(...all.filter((entry) => entry.parent === parent))
  return tree.map((entry) => entry.pid)
}

/** @param {number} pid */
export function isAlive(pid) {
  if (proc) return status(String(pid)).some((entry) => !entry.dead)
  return send(pid, 0)
}

/** Gives false if there is no such process. @param {number} pid @param {NodeJS.Signals | 0} signal */
export function send(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false
    throw error
  }
}

/** @returns {Entry[]} */
function processes() {
  if (proc) return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? status(name) : []))
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), dead: state?.startsWith('Z') ?? true }
  })
}

/** @param {string} pid @returns {Entry[]} */
function status(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name before it is in parentheses, and may hold any character.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [{ pid: Number(pid), parent: Number(parent), dead: state === 'Z' || state === 'X' }]
  } catch {
    return []
  }
}
