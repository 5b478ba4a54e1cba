/** Packs what the next release would publish, once for all tests of this project. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { copyPackages, pack, version } from '../release/stage.mjs'
import type { Tarball } from '../release/stage.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    tarballs: Tarball[]
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'sess-packed-'))
  await copyPackages(folder)
  await version(folder)
  project.provide('tarballs', await pack(folder))
  return () => rmSync(folder, { recursive: true })
}
