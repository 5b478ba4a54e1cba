import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { give } from './account.mjs'
import { guard } from './guard.mjs'

/** A folder of the servers' own, gone at the latest when this process is. @param {string} name */
export function makeFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `sess-${name}-`))
  guard({ type: 'made', folder })
  return give(folder)
}

/** @param {string} folder @param {string} name */
export function makeSubfolder(folder, name) {
  const path = join(folder, name)
  mkdirSync(path)
  return give(path)
}

/** @param {string} folder */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  guard({ type: 'removed', folder })
}
