// No session at all: what the others are measured against.
import { answer } from '../scenarios.mjs'

export const backend = 'memory'
export const isBase = true

export function listener() {
  return (req, res) => answer(res, 'nobody')
}
