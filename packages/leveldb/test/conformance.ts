/**
 * The conformance kit, with two managers on one directory.
 * @module
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '@sess/core'
import { providerConformance } from '@sess/core/testing'
import { afterAll, describe, it } from 'vitest'

/** The files of the engine: what was deleted or replaced is in them, too, until they are compacted. */
function contentsOf(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => readFileSync(join(parentPath ?? path, name), 'latin1'))
    .join()
}

/** @param create the provider on a directory */
export function levelConformance(name: string, create: (directory: string) => Provider): void {
  const root = mkdtempSync(join(tmpdir(), `sess-${name}-`))
  afterAll(() => rmSync(root, { recursive: true }))

  describe(`${name}, with two managers on one directory`, () => {
    const directories = new Map<unknown, string>()
    const open = (directory: string): Provider => {
      const provider = create(directory)
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
}
