import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessioner } from '@sess/core'
import '@sess/provider-ledis'
import { act, answer } from '../scenarios.mjs'

export const backend = 'level'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const sessions = sessioner({ provider: 'ledis', providerConfig: `data_dir=${folder}` })
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
