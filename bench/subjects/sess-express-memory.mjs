import { sessExpress } from '../kinds/sess-express.mjs'

export const framework = 'express'
export const backend = 'memory'

export const listener = () => sessExpress({ provider: 'memory' })
