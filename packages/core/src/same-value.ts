/**
 * Whether a value that was handed out is still as it was stored.
 * @module
 */
import { MAX_DEPTH } from './tagged-value.js'

type Keyed = Record<string, unknown>

interface Budget {
  left: number
}

/**
 * A value as it is now, to compare with later: a tenth of what decoding its text once more takes. An object that is neither
 * plain nor an array stands in the copy as it is, which {@link isAsStored} takes for doubt.
 * @param most how many objects a copy may have; more, as where a codec makes cycles: `undefined`
 */
export function copyOf(value: unknown, most: number): unknown {
  const budget = { left: most }
  const copy = copied(value, budget)
  return budget.left < 0 ? undefined : copy
}

function copied(value: unknown, budget: Budget): unknown {
  if (typeof value !== 'object' || value === null || --budget.left < 0) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Array.prototype) return (value as unknown[]).map((item) => copied(item, budget))
  if (prototype !== Object.prototype) return value
  const copy: Keyed = { ...value }
  for (const key of Object.keys(copy)) if (typeof copy[key] === 'object') copy[key] = copied(copy[key], budget)
  return copy
}

/**
 * Whether a value is what its text says: plain objects and arrays of the same values, with their keys in the same order.
 * False for objects of any other kind, and whenever in doubt.
 * @param stored what the text says, and in nobody's hands
 */
export function isAsStored(value: unknown, stored: unknown, depth = 0): boolean {
  if (typeof stored !== 'object' || stored === null) return Object.is(value, stored)
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(stored)) return prototype === Array.prototype && isSameArray(value, stored, depth)
  if (prototype !== Object.prototype || Object.getPrototypeOf(stored) !== Object.prototype) return false
  return isSameObject(value as Keyed, stored as Keyed, depth)
}

function isSameArray(value: object, stored: unknown[], depth: number): boolean {
  if (!Array.isArray(value) || value.length !== stored.length) return false
  for (let i = 0; i < stored.length; i++) if (!isAsStored(value[i], stored[i], depth + 1)) return false
  return Object.values(value).length === stored.length // neither holes nor properties of its own
}

function isSameObject(value: Keyed, stored: Keyed, depth: number): boolean {
  const keys = Object.keys(stored)
  const own = Object.keys(value)
  if (own.length !== keys.length) return false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (own[i] !== key || !isAsStored(value[key], stored[key], depth + 1)) return false
  }
  return Object.getOwnPropertySymbols(value).length === 0
}
