/** A race proves something when it is run often. */
export interface Bounds {
  readonly wanted: number
  /** Milliseconds after which it ends even with fewer rounds, so that a slow machine doesn't stop the suite. */
  readonly time: number
}

/** Runs a round again and again, bounded in number and time, and says what came of it. */
export async function rounds(
  what: string,
  { wanted, time }: Bounds,
  round: (n: number) => Promise<number>,
): Promise<number> {
  const start = Date.now()
  let [done, faults] = [0, 0]
  while (done < wanted && Date.now() - start < time) faults += await round(done++)
  console.log(`${what}: ${faults} in ${done} rounds, ${Date.now() - start} ms`)
  return faults
}
