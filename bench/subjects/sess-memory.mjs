import { sessioner } from '@sess/core'
import { act, answer } from '../scenarios.mjs'

export const backend = 'memory'

export function listener() {
  const sessions = sessioner()
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
