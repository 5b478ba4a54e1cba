import expressMysqlSession from 'express-mysql-session'
import session from 'express-session'
import { act, answer } from '../scenarios.mjs'

export const backend = 'mysql'
export const service = 'mariadb'

export async function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.MYSQL_URL)
  const Store = expressMysqlSession(session)
  const store = new Store({ host, port: Number(port), user, database: pathname.slice(1), connectionLimit: 10 })
  await store.onReady()
  const sessions = session({ store, secret: 'keyboard cat', resave: false, saveUninitialized: false })
  return (req, res) =>
    sessions(req, res, () => {
      const data = req.session
      answer(res, act(req.url, { get: (key) => data[key], set: (key, value) => void (data[key] = value) }))
    })
}
