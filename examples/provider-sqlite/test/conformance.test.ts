/** The contract of @sess, sentence by sentence, on files that two connections share. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Storage } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe, it } from 'vitest'
import { openFile } from '../src/provider.js'

const folder = mkdtempSync(join(tmpdir(), 'sess-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The file of each storage; every store has a folder of its own. */
const files = new Map<unknown, string>()
let stores = 0

async function open(path: string): Promise<Storage> {
  const storage = await openFile({ path, busyTimeout: 1000 }, Date.now)
  files.set(storage, path)
  return storage
}

providerConformance({
  describe,
  it,
  create: () => open(join(folder, String(++stores), 'sessions.db')),
  createSecond: (first) => open(files.get(first)!),
})
