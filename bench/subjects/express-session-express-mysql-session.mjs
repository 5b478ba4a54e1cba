import expressMysqlSession from 'express-mysql-session'
import session from 'express-session'
import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'mysql'
export const service = 'mariadb'

export async function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.MYSQL_URL)
  const Store = expressMysqlSession(session)
  const store = new Store({ host, port: Number(port), user, database: pathname.slice(1), connectionLimit: 10 })
  await store.onReady()
  return expressSession(store)
}
