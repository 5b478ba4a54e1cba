// With a store as its documentation has it.
import { koaSession } from '../kinds/koa-session.mjs'

export const framework = 'koa'
export const backend = 'memory'

export function listener() {
  const texts = new Map()
  const store = {
    get: async (key) => JSON.parse(texts.get(key) ?? 'null') ?? undefined,
    set: async (key, value) => void texts.set(key, JSON.stringify(value)),
    destroy: async (key) => void texts.delete(key),
  }
  return koaSession(store)
}
