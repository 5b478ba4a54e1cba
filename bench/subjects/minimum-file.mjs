// readFile; writeFile and rename.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'file'
export const isMinimum = true
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  let writes = 0
  return byHand({
    load: (id) => readFile(join(folder, id), 'utf8').catch(() => undefined),
    create: async (id, text) => {
      const path = join(folder, `${id}.${writes++}`)
      await writeFile(path, text)
      await rename(path, join(folder, id))
    },
    remove: (id) => rm(join(folder, id)),
  })
}
