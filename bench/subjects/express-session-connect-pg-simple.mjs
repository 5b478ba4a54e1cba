import connectPgSimple from 'connect-pg-simple'
import session from 'express-session'
import { Pool } from 'pg'
import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'postgres'
export const service = 'postgres'

export function listener() {
  const pool = new Pool({ connectionString: process.env.POSTGRES_URL })
  return expressSession(new (connectPgSimple(session))({ pool, tableName: 'simple', createTableIfMissing: true }))
}
