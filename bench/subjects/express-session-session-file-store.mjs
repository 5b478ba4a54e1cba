import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import session from 'express-session'
import sessionFileStore from 'session-file-store'
import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'file'
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const FileStore = sessionFileStore(session)
  return expressSession(new FileStore({ path: folder, logFn: () => undefined }))
}
