import { sessioner } from '@sess/core'
import { memcache } from '@sess/provider-memcache'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memcache'
export const service = 'memcached'

export function listener() {
  const { host } = new URL(process.env.MEMCACHED_URL)
  const sessions = sessioner({ provider: memcache({ servers: [host] }) })
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
