import { sessFastify } from '../kinds/sess-fastify.mjs'

export const framework = 'fastify'
export const backend = 'memory'

export const listener = () => sessFastify({ provider: 'memory' })
