import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again until the answer is neither undefined nor false, and gives it; gives undefined when time is up.
 * @template T
 * @param {() => T | Promise<T>} ask
 * @param {{ seconds: number, every?: number }} limits `every` is in milliseconds
 * @returns {Promise<Exclude<T, false | undefined> | undefined>}
 */
export async function waitFor(ask, { seconds, every = 10 }) {
  for (const deadline = performance.now() + seconds * 1000; ; ) {
    const answer = await ask()
    if (answer !== undefined && answer !== false)
      return /** @type {Exclude<T, false | undefined>} */ (/** @type {unknown} */ (answer))
    if (performance.now() > deadline) return undefined
    await sleep(every)
  }
}
