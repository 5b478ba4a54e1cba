import { sess } from '../kinds/sess.mjs'

export const backend = 'memory'
export const isInProcess = true

export const listener = () => sess({ provider: 'memory' })
