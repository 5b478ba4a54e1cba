import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe, it } from 'vitest'
import { ledis } from '../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'sess-ledis-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The files of the engine: what was deleted or replaced is in them, too, until they are compacted. */
function contentsOf(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => readFileSync(join(parentPath ?? path, name), 'latin1'))
    .join()
}

describe('ledis, with two managers on one directory', () => {
  const directories = new Map<unknown, string>()
  const open = (directory: string): Provider => {
    const provider = ledis({ dataDir: directory })
    directories.set(provider, directory)
    return provider
  }
  providerConformance({
    describe,
    it,
    create: () => open(join(root, String(directories.size))),
    createSecond: (first) => open(directories.get(first)!),
    granularity: 1,
    dump: (subject) => contentsOf(directories.get(subject)!),
  })
})
