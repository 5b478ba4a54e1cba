import connectMemcached from 'connect-memcached'
import session from 'express-session'
import { expressSession } from '../kinds/express-session.mjs'

export const backend = 'memcache'
export const service = 'memcached'

export function listener() {
  return expressSession(new (connectMemcached(session))({ hosts: [new URL(process.env.MEMCACHED_URL).host] }))
}
