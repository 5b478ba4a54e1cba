import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until it holds. It may take long on a busy machine. */
export async function until(holds: () => Promise<boolean> | boolean, milliseconds = 15_000): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not become true within ${milliseconds} ms`)
    await sleep(20)
  }
}
