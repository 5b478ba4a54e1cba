import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '@sess/core'
import * as ledisModule from '../../../provider-ledis/src/index.js'
import * as nodbModule from '../../../provider-nodb/src/index.js'

/** One of the two providers. */
export interface Subject {
  readonly name: 'ledis' | 'nodb'
  readonly open: (directory: string, options?: { sync?: boolean; db?: number }) => Provider
  readonly repair: (directory: string) => Promise<void>
}

export const subjects: Subject[] = [
  {
    name: 'ledis',
    open: (dataDir, options) => ledisModule.ledis({ dataDir, ...options }),
    repair: ledisModule.repair,
  },
  {
    name: 'nodb',
    open: (path, options) => nodbModule.nodb({ path, ...options }),
    repair: nodbModule.repair,
  },
]

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'sess-leveldb-'))
