import '@sess/provider-ledis'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sess } from '../kinds/sess.mjs'

export const backend = 'level'
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export const listener = () => sess({ provider: 'ledis', providerConfig: `data_dir=${folder}` })
