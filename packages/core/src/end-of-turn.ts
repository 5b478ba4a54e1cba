/** Taken at load: under a test's own clock no request would be answered. Not every runtime has it. */
const setImmediate = globalThis.setImmediate as typeof globalThis.setImmediate | undefined

let end: Promise<void> | undefined

/**
 * Resolves when this turn of the event loop has taken in all that has come, for all who wait at once. What they do then is
 * the same step for one request after the other, with code and data still in the processor's caches. `undefined` where
 * the runtime has no such turns: go on at once.
 */
export function endOfTurn(): Promise<void> | undefined {
  if (end || !setImmediate) return end
  end = new Promise((resolve) => {
    setImmediate(() => {
      end = undefined
      resolve()
    })
  })
  return end
}
