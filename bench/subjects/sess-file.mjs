// The 4,096 directories in which sessions lie are there, as they are when a server has run for a day.
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sess } from '../kinds/sess.mjs'

export const backend = 'file'
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

const NAMES = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

export function listener() {
  for (const first of NAMES) {
    for (const second of NAMES) mkdirSync(join(folder, first, second), { recursive: true, mode: 0o700 })
  }
  return sess({ provider: 'file', providerConfig: folder })
}
