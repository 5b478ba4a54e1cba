// A Map of JSON texts.
import { byHand } from '../kinds/by-hand.mjs'

export const backend = 'memory'
export const isMinimum = true
export const isInProcess = true

export function listener() {
  const texts = new Map()
  return byHand({
    load: (id) => texts.get(id),
    create: (id, text) => texts.set(id, text),
    remove: (id) => texts.delete(id),
  })
}
