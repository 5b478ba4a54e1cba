// The least that a session in MySQL can be, by hand: one prepared SELECT, one UPDATE. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { createPool } from 'mysql2/promise'
import { act, answer } from '../scenarios.mjs'

export const backend = 'mysql'
export const service = 'mariadb'

export async function listener() {
  const pool = createPool(process.env.MYSQL_URL)
  await pool.query(
    'CREATE TABLE IF NOT EXISTS minimum (id VARCHAR(64) CHARACTER SET ascii PRIMARY KEY, data TEXT, expiry BIGINT)',
  )
  const expiry = () => Math.floor(Date.now() / 1000) + 3600
  const select = 'SELECT data FROM minimum WHERE id = ? AND expiry > ?'
  const insert = 'INSERT INTO minimum (data, expiry, id) VALUES (?, ?, ?)'
  const update = 'UPDATE minimum SET data = ?, expiry = ? WHERE id = ?'
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data
    if (id !== undefined) {
      const [rows] = await pool.execute(select, [id, Math.floor(Date.now() / 1000)])
      data = JSON.parse(rows[0].data)
    }
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
      const isNew = id === undefined
      id ??= randomBytes(24).toString('base64url')
      if (isNew) res.setHeader('Set-Cookie', `sid=${id}; Path=/; HttpOnly; SameSite=Lax`)
      await pool.execute(isNew ? insert : update, [JSON.stringify(data), expiry(), id])
    }
    answer(res, body)
  }
}
