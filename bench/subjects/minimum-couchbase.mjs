// getAndTouch; upsert.
import { connect } from 'couchbase'
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'couchbase'
export const service = 'couchbase'
export const isMinimum = true

export async function listener() {
  const { username, password: encoded, host, pathname } = new URL(process.env.COUCHBASE_URL)
  const password = decodeURIComponent(encoded)
  const cluster = await connect(`couchbase://${host}`, { username, password })
  const collection = cluster.bucket(pathname.slice(1)).defaultCollection()
  return byHand({
    load: async (id) => (await collection.getAndTouch(id, 3600).catch(() => undefined))?.content.text,
    create: (id, text) => collection.upsert(id, { text }, { expiry: 3600 }),
    remove: (id) => collection.remove(id),
  })
}
