import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import session from 'express-session'
import sessionFileStore from 'session-file-store'
import { act, answer } from '../scenarios.mjs'

export const backend = 'level'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const FileStore = sessionFileStore(session)
  const store = new FileStore({ path: folder, logFn: () => undefined })
  const sessions = session({ store, secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      const body = act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) })
      answer(res, body)
    })
}
