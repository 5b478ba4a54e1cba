import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './process-tree.mjs'
import { waitFor } from './wait.mjs'

/**
 * Runs the action while no other process on this machine runs one under the same name. A lock whose holder died is no
 * lock.
 * @template T
 * @param {string} name @param {() => Promise<T>} action @param {number} [seconds] to wait at most
 * @returns {Promise<T>}
 */
export async function withLock(name, action, seconds = 300) {
  const file = join(tmpdir(), `sess-${name}.lock`)
  const locked = await waitFor(() => take(file), { seconds, every: 100 })
  if (!locked) throw new Error(`Another process has held ${file} for ${seconds} seconds`)
  try {
    return await action()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    const holder = readHolder(file)
    // 0: it is there, and its holder has not written itself in yet.
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true })
    return false
  }
}

/** @param {string} file */
function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}
