import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sess } from '../kinds/sess.mjs'

export const backend = 'file'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export const listener = () => sess({ provider: 'file', providerConfig: folder })
