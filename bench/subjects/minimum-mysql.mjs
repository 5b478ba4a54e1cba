// One prepared SELECT; one INSERT, or one UPDATE.
import { createPool } from 'mysql2/promise'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'mysql'
export const service = 'mariadb'
export const isMinimum = true

export async function listener() {
  const pool = createPool(process.env.MYSQL_URL)
  await pool.query(
    'CREATE TABLE IF NOT EXISTS minimum (id VARCHAR(64) CHARACTER SET ascii PRIMARY KEY, data TEXT, expiry BIGINT)',
  )
  const now = () => Math.floor(Date.now() / 1000)
  const select = 'SELECT data FROM minimum WHERE id = ? AND expiry > ?'
  const insert = 'INSERT INTO minimum (data, expiry, id) VALUES (?, ?, ?)'
  const update = 'UPDATE minimum SET data = ?, expiry = ? WHERE id = ?'
  return byHand({
    load: async (id) => (await pool.execute(select, [id, now()]))[0][0]?.data,
    create: (id, text) => pool.execute(insert, [text, now() + 3600, id]),
    update: (id, text) => pool.execute(update, [text, now() + 3600, id]),
    remove: (id) => pool.execute('DELETE FROM minimum WHERE id = ?', [id]),
  })
}
