// The session is in the cookie: nothing is stored, and no session can be ended.
import { honoSession } from '../kinds/hono-session.mjs'

export const framework = 'hono'
export const backend = 'cookie'

export const listener = () => honoSession()
