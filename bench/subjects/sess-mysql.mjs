import { sessioner } from '@sess/core'
import { mysql } from '@sess/provider-mysql'
import { act, answer } from '../scenarios.mjs'

export const backend = 'mysql'
export const service = 'mariadb'

export async function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.MYSQL_URL)
  const provider = mysql({ host, port: Number(port), user, database: pathname.slice(1), createTable: true })
  const sessions = sessioner({ provider })
  await sessions.ready()
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
