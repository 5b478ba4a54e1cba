import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'memory'
export const isInProcess = true

export const listener = () => expressSession()
