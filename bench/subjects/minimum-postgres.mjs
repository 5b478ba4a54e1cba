// One prepared SELECT; one INSERT, or one UPDATE.
import { Pool } from 'pg'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'postgres'
export const service = 'postgres'
export const isMinimum = true

export async function listener() {
  const pool = new Pool({ connectionString: process.env.POSTGRES_URL })
  await pool.query('CREATE TABLE IF NOT EXISTS minimum (id TEXT PRIMARY KEY, data TEXT, expiry BIGINT)')
  const now = () => Math.floor(Date.now() / 1000)
  const select = { name: 'select', text: 'SELECT data FROM minimum WHERE id = $1 AND expiry > $2' }
  const insert = { name: 'insert', text: 'INSERT INTO minimum VALUES ($1, $2, $3)' }
  const update = { name: 'update', text: 'UPDATE minimum SET data = $2, expiry = $3 WHERE id = $1' }
  return byHand({
    load: async (id) => (await pool.query({ ...select, values: [id, now()] })).rows[0]?.data,
    create: (id, text) => pool.query({ ...insert, values: [id, text, now() + 3600] }),
    update: (id, text) => pool.query({ ...update, values: [id, text, now() + 3600] }),
    remove: (id) => pool.query('DELETE FROM minimum WHERE id = $1', [id]),
  })
}
