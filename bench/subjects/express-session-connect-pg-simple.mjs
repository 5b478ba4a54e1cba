import connectPgSimple from 'connect-pg-simple'
import session from 'express-session'
import { Pool } from 'pg'
import { act, answer } from '../scenarios.mjs'

export const backend = 'postgres'
export const service = 'postgres'

export async function listener() {
  const pool = new Pool({ connectionString: process.env.POSTGRES_URL })
  const Store = connectPgSimple(session)
  const store = new Store({ pool, tableName: 'simple', createTableIfMissing: true })
  const sessions = session({ store, secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      answer(res, act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) }))
    })
}
