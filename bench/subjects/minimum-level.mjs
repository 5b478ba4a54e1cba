// The least that a session in LevelDB can be, by hand: get and put of `level`, and JSON. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { act, answer } from '../scenarios.mjs'

export const backend = 'level'
export const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))

export function listener() {
  const level = new Level(join(folder, 'minimum'))
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data = id === undefined ? undefined : JSON.parse(await level.get(id))
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
      await level.put(id, JSON.stringify(data))
    }
    answer(res, body)
  }
}
