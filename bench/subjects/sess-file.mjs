import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessioner } from '@sess/core'
import { act, answer } from '../scenarios.mjs'

export const backend = 'file'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const sessions = sessioner({ provider: 'file', providerConfig: folder })
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
