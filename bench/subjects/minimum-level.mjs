// get and put of `level`.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'level'
export const isMinimum = true
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const level = new Level(join(folder, 'minimum'))
  return byHand({
    load: (id) => level.get(id),
    create: (id, text) => level.put(id, text),
    remove: (id) => level.del(id),
  })
}
