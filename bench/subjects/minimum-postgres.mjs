// The least that a session in PostgreSQL can be, by hand: one prepared SELECT, one UPDATE. It loses parallel changes.
import { randomBytes } from 'node:crypto'
import { Pool } from 'pg'
import { act, answer } from '../scenarios.mjs'

export const backend = 'postgres'
export const service = 'postgres'

export async function listener() {
  const pool = new Pool({ connectionString: process.env.POSTGRES_URL })
  await pool.query('CREATE TABLE IF NOT EXISTS minimum (id TEXT PRIMARY KEY, data TEXT, expiry BIGINT)')
  const expiry = () => Math.floor(Date.now() / 1000) + 3600
  const select = { name: 'select', text: 'SELECT data FROM minimum WHERE id = $1 AND expiry > $2' }
  const insert = { name: 'insert', text: 'INSERT INTO minimum VALUES ($1, $2, $3)' }
  const update = { name: 'update', text: 'UPDATE minimum SET data = $2, expiry = $3 WHERE id = $1' }
  return async (req, res) => {
    const { cookie } = req.headers
    let id = cookie?.startsWith('sid=') ? cookie.slice(4) : undefined
    let data
    if (id !== undefined) {
      const { rows } = await pool.query({ ...select, values: [id, Math.floor(Date.now() / 1000)] })
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
      await pool.query({ ...(isNew ? insert : update), values: [id, JSON.stringify(data), expiry()] })
    }
    answer(res, body)
  }
}
