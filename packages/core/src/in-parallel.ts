/** How many at once: enough to hide a round trip, too few to take the whole pool of a driver. */
const LANES = 16

/**
 * Calls `fn` for each item, a few at a time, and gives the results in their order. After a failure nothing more is
 * begun; it rejects when what was under way is over, so that nothing goes on behind the caller's back.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  fn: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const n = next++
      try {
        results[n] = await fn(items[n]!)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(LANES, items.length) }, lane))
  const failed = lanes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
  return results
}
