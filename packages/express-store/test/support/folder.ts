import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true })
})

/** A new one, removed after the tests. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sess-express-'))
  folders.push(path)
  return path
}
