/**
 * What may be tried again is tried again: a killed connection or a deadlock is no error of anybody's request.
 * @module
 */

/**
 * What a failure means. `final`: the same again would fail again. `undone`: surely nothing was changed, and the next
 * attempt may go well. `ended`: the server put an end to it, perhaps after the commit. `lost`: the connection broke, and
 * nobody knows what was done, or will be.
 */
export type Fault = 'final' | 'undone' | 'ended' | 'lost'

/** Milliseconds before each further attempt, give or take a half. */
const WAITS = [0, 100, 300]

export class Persistence {
  readonly #faultOf: (error: unknown) => Fault
  readonly #patience: number

  /** @param patience milliseconds after which no further attempt is begun */
  constructor(faultOf: (error: unknown) => Fault, patience: number) {
    this.#faultOf = faultOf
    this.#patience = patience
  }

  /**
   * @param repeatable whether it may be done again when nobody knows: then the first may still arrive, later than it
   * @returns also whether an attempt before the last one may have been carried out
   */
  async run<T>(attempt: () => Promise<T>, repeatable: boolean): Promise<{ result: T; repeated: boolean }> {
    const deadline = performance.now() + this.#patience
    let repeated = false
    for (const wait of WAITS) {
      try {
        return { result: await attempt(), repeated }
      } catch (error) {
        const fault = this.#faultOf(error)
        const pause = wait * (0.5 + Math.random())
        if (fault === 'final' || (fault === 'lost' && !repeatable)) throw error
        if (performance.now() + pause > deadline) throw error
        repeated ||= fault !== 'undone'
        await new Promise((done) => setTimeout(done, pause))
      }
    }
    return { result: await attempt(), repeated }
  }
}
