import { postgres } from '@sess/provider-postgres'
import { sess } from '../kinds/sess.mjs'

export const backend = 'postgres'
export const service = 'postgres'

export function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.POSTGRES_URL)
  const database = pathname.slice(1)
  return sess({ provider: postgres({ host, port: Number(port), user, database, ssl: 'disable', createTable: true }) })
}
