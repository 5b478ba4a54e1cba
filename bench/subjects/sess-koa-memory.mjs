import { sessKoa } from '../kinds/sess-koa.mjs'

export const framework = 'koa'
export const backend = 'memory'

export const listener = () => sessKoa({ provider: 'memory' })
