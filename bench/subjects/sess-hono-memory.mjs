import { sessHono } from '../kinds/sess-hono.mjs'

export const framework = 'hono'
export const backend = 'memory'

export const listener = () => sessHono({ provider: 'memory' })
