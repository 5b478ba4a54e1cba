/**
 * What may be tried again is tried again: a killed connection or a deadlock is no error of anybody's request.
 * @module
 */

/**
 * What a failure means. `final`: the same again would fail again. `undone`: surely nothing was changed, and the next
 * attempt may go well. `lost`: the connection broke, and nobody knows what was done.
 */
export type Fault = 'final' | 'undone' | 'lost'

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
   * @param repeatable whether it may be done twice, so that it is done again when nobody knows
   * @returns also whether an attempt before the last one was lost
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
        repeated ||= fault === 'lost'
        await new Promise((done) => setTimeout(done, pause))
      }
    }
    return { result: await attempt(), repeated }
  }
}
