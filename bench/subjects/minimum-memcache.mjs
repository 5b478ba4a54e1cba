// get and set of memjs.
import { Client } from 'memjs'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'memcache'
export const service = 'memcached'
export const isMinimum = true

export function listener() {
  const client = Client.create(new URL(process.env.MEMCACHED_URL).host)
  return byHand({
    load: async (id) => (await client.get(id)).value,
    create: (id, text) => client.set(id, text, { expires: 3600 }),
    remove: (id) => client.delete(id),
  })
}
