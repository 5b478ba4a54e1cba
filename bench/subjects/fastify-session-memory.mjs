import { fastifySession } from '../kinds/fastify-session.mjs'

export const framework = 'fastify'
export const backend = 'memory'

export const listener = () => fastifySession()
