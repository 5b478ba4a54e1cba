import { execFileSync } from 'node:child_process'
import { chownSync, writeFileSync } from 'node:fs'

/** @type {{ uid: number, gid: number } | undefined} */
let nobody

/**
 * Who servers run as: this user, or `nobody` if this is root, whom postgres and mariadb refuse.
 * @returns {{ uid?: number, gid?: number }}
 */
export function account() {
  if (process.getuid?.() !== 0) return {}
  nobody ??= { uid: ask('-u'), gid: ask('-g') }
  return nobody
}

/** @param {string} option */
const ask = (option) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))

/** Gives a file or folder to the servers. @param {string} path */
export function give(path) {
  const { uid, gid } = account()
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  return path
}

/** Writes a file that servers may change. @param {string} path @param {string} text */
export function writeForServer(path, text) {
  writeFileSync(path, text)
  return give(path)
}
