import { sessioner } from '@sess/core'
import '@sess/provider-redis'
import { act, answer } from '../scenarios.mjs'

export const backend = 'redis'
export const service = 'redis'

export async function listener() {
  const sessions = sessioner({ provider: 'redis', providerConfig: process.env.REDIS_URL })
  await sessions.ready()
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
