import { couchbase } from '@sess/provider-couchbase'
import { sess } from '../kinds/sess.mjs'

export const backend = 'couchbase'
export const service = 'couchbase'

export function listener() {
  const { username, password: encoded, host, pathname } = new URL(process.env.COUCHBASE_URL)
  const password = decodeURIComponent(encoded)
  return sess({ provider: couchbase({ username, password, hosts: [host], bucket: pathname.slice(1) }) })
}
