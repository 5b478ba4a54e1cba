/**
 * Servers that don't tell the address of the other end.
 * @module
 */
import { warn } from '../builtin.js'

/**
 * Gives the address of a peer that nobody told: none, so that a `trustProxy` that lists addresses trusts nobody. Whoever runs
 * the process hears of it once.
 * @param cure what gives the address
 */
export function unknownPeer(cure: string): () => undefined {
  let isTold = false
  return () => {
    if (isTold) return
    isTold = true
    const what = "expected the address of the other end, to compare a request's X-Forwarded-Proto with, got none"
    warn(new Error(`option trustProxy: ${what}; ${cure}`))
  }
}
