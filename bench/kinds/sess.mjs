// @sess on bare node:http.
import { sessioner } from '@sess/core'
import { act, answer } from '../scenarios.mjs'

/** @param {import('@sess/core').SessionOptions} options */
export async function sess(options) {
  const sessions = sessioner(options)
  await sessions.ready()
  return (req, res) => sessions(req, res, () => answer(res, act(req.url, req.session)))
}
