import { mysql } from '@sess/provider-mysql'
import { sess } from '../kinds/sess.mjs'

export const backend = 'mysql'
export const service = 'mariadb'

export function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.MYSQL_URL)
  return sess({ provider: mysql({ host, port: Number(port), user, database: pathname.slice(1), createTable: true }) })
}
