/** The contract of @sess, sentence by sentence, on files that two connections share. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider, Storage } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe, it } from 'vitest'
import { sqlite } from '../src/index.js'
import { openFile } from '../src/provider.js'

const folder = mkdtempSync(join(tmpdir(), 'sess-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The file of each storage or provider, in a folder of its own. */
const files = new Map<Storage | Provider, string>()
let stores = 0
const newFile = (): string => join(folder, String(++stores), 'sessions.db')
function remember<T extends Storage | Provider>(made: T, path: string): T {
  files.set(made, path)
  return made
}

describe('the storage', () => {
  const open = async (path: string): Promise<Storage> =>
    remember(await openFile({ path, busyTimeout: 1000 }, Date.now), path)
  providerConformance({
    describe,
    it,
    create: () => open(newFile()),
    createSecond: (first) => open(files.get(first)!),
  })
})

describe('the provider', () => {
  const make = (path: string): Provider => remember(sqlite({ path }), path)
  providerConformance({
    describe,
    it,
    create: () => make(newFile()),
    createSecond: (first) => make(files.get(first)!),
  })
})
