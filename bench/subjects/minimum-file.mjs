// The least that a session in files can be, by hand: readFile, writeFile and rename. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { act, answer } from '../scenarios.mjs'

export const backend = 'file'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  let writes = 0
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data = id === undefined ? undefined : JSON.parse(await readFile(join(folder, id), 'utf8'))
    let changed = false
    const body = act(req.url, {
      get: (key) => data?.[key],
      set: (key, value) => {
        data ??= {}
        data[key] = value
        changed = true
      },
    })
    if (changed) {
      if (id === undefined)
        res.setHeader(
          'Set-Cookie',
          `sid=${(id = randomBytes(24).toString('base64url'))}; Path=/; HttpOnly; SameSite=Lax`,
        )
      const path = join(folder, `${id}.${writes++}`)
      await writeFile(path, JSON.stringify(data))
      await rename(path, join(folder, id))
    }
    answer(res, body)
  }
}
