import { sessioner } from '@sess/core'
import { postgres } from '@sess/provider-postgres'
import { act, answer } from '../scenarios.mjs'

export const backend = 'postgres'
export const service = 'postgres'

export async function listener() {
  const { hostname: host, port, username: user, pathname } = new URL(process.env.POSTGRES_URL)
  const database = pathname.slice(1)
  const provider = postgres({ host, port: Number(port), user, database, ssl: 'disable', createTable: true })
  const sessions = sessioner({ provider })
  await sessions.ready()
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
