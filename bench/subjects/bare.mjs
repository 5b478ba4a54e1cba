// No session at all: what the others are measured against.
import { answer } from '../scenarios.mjs'

export const isBase = true
export const scenarios = ['anonymous']

export const listener = () => (req, res) => answer(res, 'nobody')
